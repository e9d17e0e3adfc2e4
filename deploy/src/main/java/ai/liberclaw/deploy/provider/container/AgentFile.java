package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.AgentVariables;
import ai.liberclaw.deploy.provider.ModelAccess;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** The configuration file of an agent in a container. */
final class AgentFile {
  private AgentFile() {}

  /**
   * Its text.
   *
   * @param grace what turns that run get to end when the agent is stopped
   */
  static String of(UUID agentId, AgentSettings agent, ModelAccess models, Duration grace)
      throws InterruptedException {
    Map<String, String> variables = AgentVariables.of(agentId, agent, models);
    variables.put("AGENT_RUNTIME", ContainerProvider.NAME);
    // All addresses of its own network namespace; only the engine's published port leads there.
    variables.put("HOST", "0.0.0.0");
    variables.put("PORT", Integer.toString(Specs.PORT));
    variables.put("DB_PATH", Specs.HOME + "/agent.db");
    variables.put("WORKSPACE_PATH", Specs.HOME + "/workspace");
    variables.put("SHUTDOWN_GRACE", Long.toString(grace.toSeconds()));
    ObjectNode json = Json.object();
    variables.forEach(json::put);
    return Json.write(json);
  }
}
