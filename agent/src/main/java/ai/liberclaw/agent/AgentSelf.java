package ai.liberclaw.agent;

import ai.liberclaw.agent.health.AgentFacts;
import ai.liberclaw.agent.health.UsageFactsStore;
import ai.liberclaw.agent.mcp.McpServers;
import ai.liberclaw.agent.model.Vision;
import ai.liberclaw.agent.policy.ToolPolicy;
import ai.liberclaw.agent.schedule.Scheduler;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.sqlite.AgentDatabase;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.function.BooleanSupplier;

/** What an agent says about itself in {@code /health} and {@code /info}. */
final class AgentSelf {
  private AgentSelf() {}

  static AgentFacts facts(
      AgentConfig config,
      AgentHome home,
      AgentDatabase database,
      Vision vision,
      McpServers mcp,
      Scheduler scheduler,
      BooleanSupplier browser) {
    UsageFactsStore usage = new UsageFactsStore(database.dsl());
    return new AgentFacts()
        .capability("queue")
        .capability("resume")
        .capability("deltas")
        .capability("tool_results")
        .capability("approvals")
        .capability("channels")
        .capability("vision", () -> vision.capability().filter("vision"::equals).isPresent())
        .capability(
            "vision_delegated",
            () -> vision.capability().filter("vision_delegated"::equals).isPresent())
        .capability("browser", browser)
        .feature("workspace_tree")
        .feature("subagents")
        .feature("subagent_detail")
        .feature("tool_gating")
        .feature("tool_result_events")
        .feature("tool_metadata")
        .feature("runtime_health")
        .feature("mcp_health")
        .feature("runtime_events")
        .feature("context_injection_scanner", () -> config.recall().scan())
        .feature("tool_policy")
        .feature("coding_task_runtime")
        .feature("file_watchers")
        .feature("browser", browser)
        .healthWord("database", () -> database.dsl().selectOne().fetch().isEmpty() ? "error" : "ok")
        .healthWord("workspace", () -> Files.isWritable(home.workspace().root()) ? "ok" : "error")
        .healthWord("mcp", mcp::state)
        .health("mcp_detail", mcp::health)
        .healthWord("heartbeat", scheduler::heartbeatState)
        .section("tool_policy", () -> policy(config.permissions().policy()))
        .section("usage", () -> usage.json(LocalDate.now(ZoneOffset.UTC)))
        .section(
            "heartbeat_interval",
            () -> LongNode.valueOf(config.proactive().heartbeat().toSeconds()));
  }

  private static ObjectNode policy(ToolPolicy policy) {
    ObjectNode json = Json.object().put("mode", policy.mode().wireName());
    ArrayNode allowed = json.putArray("allowlist");
    policy.allowlist().forEach(allowed::add);
    ArrayNode denied = json.putArray("denylist");
    policy.denylist().forEach(denied::add);
    return json;
  }
}
