package ai.liberclaw.api.agents;

import ai.liberclaw.api.budget.SpendingView;
import ai.liberclaw.api.web.Times;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.agent.ListedAgent;
import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Spending;
import ai.liberclaw.deploy.client.AgentHealth;
import ai.liberclaw.deploy.progress.Progress;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Agents as clients get them. What is absent is null, never left out. */
final class AgentViews {
  /** What was spent on models today and this month. */
  static final String SPEND = "spend";

  private AgentViews() {}

  /** Names of an agent's fields. */
  static final Set<String> FIELDS =
      Set.of(
          "id",
          "name",
          "system_prompt",
          "model",
          "deployment_status",
          "vm_url",
          "source",
          "skills",
          "public_name",
          SPEND,
          "created_at",
          "updated_at");

  static ObjectNode list(List<ListedAgent> agents, FieldChoice fields) {
    ObjectNode json = Json.object();
    ArrayNode list = json.putArray("agents");
    agents.forEach(listed -> list.add(fields.of(agent(listed.agent(), listed.spent()))));
    return json.put("total", agents.size());
  }

  static ObjectNode logs(UUID agentId, List<String> lines) {
    ObjectNode json = Json.object().put("agent_id", agentId.toString());
    ArrayNode list = json.putArray("lines");
    lines.forEach(list::add);
    return json;
  }

  static ObjectNode agent(Agent agent, Map<Period, Spending> spent) {
    ObjectNode json =
        Json.object()
            .put("id", agent.id().toString())
            .put("name", agent.name())
            .put("system_prompt", agent.systemPrompt())
            .put("model", agent.model())
            .put("deployment_status", agent.status())
            .put("vm_url", agent.vmUrl().orElse(null))
            .put("source", agent.source());
    if (agent.skills().isEmpty()) {
      json.putNull("skills");
    } else {
      ArrayNode skills = json.putArray("skills");
      agent.skills().forEach(skills::add);
    }
    json.put("public_name", agent.publicName());
    json.set(SPEND, SpendingView.of(spent));
    return json.put("created_at", Times.text(agent.createdAt()))
        .put("updated_at", Times.text(agent.updatedAt()));
  }

  static ObjectNode status(Agent agent, Progress progress) {
    ObjectNode json =
        Json.object()
            .put("agent_id", agent.id().toString())
            .put("deployment_status", agent.status())
            .put("vm_url", agent.vmUrl().orElse(null));
    ArrayNode steps = json.putArray("steps");
    for (Progress.Step step : progress.steps()) {
      steps
          .addObject()
          .put("key", step.key().key())
          .put("status", step.status().key())
          .put("detail", step.detail().orElse(null));
    }
    ArrayNode logs = json.putArray("logs");
    for (Progress.LogLine line : progress.logs()) {
      logs.addObject()
          .put("timestamp", epochSeconds(line.at()))
          .put("level", line.level().key())
          .put("message", line.message());
    }
    return json;
  }

  static ObjectNode health(AgentEndpoint endpoint, Optional<AgentHealth> health) {
    return Json.object()
        .put("agent_id", endpoint.agentId().toString())
        .put("healthy", health.isPresent())
        .put("vm_url", endpoint.base().map(Object::toString).orElse(null))
        .put("agent_version", health.flatMap(AgentHealth::version).orElse(null))
        .put("current_version", ControlPlane.AGENT_VERSION);
  }

  private static BigDecimal epochSeconds(Instant at) {
    return BigDecimal.valueOf(at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000, 6);
  }
}
