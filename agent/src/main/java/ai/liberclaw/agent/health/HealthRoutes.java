package ai.liberclaw.agent.health;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;

/** {@code GET /health}, for anybody: that the agent lives, and what it can do. */
public final class HealthRoutes {
  public static final String PATH = "/health";

  /** The contract's version that callers of the originals compare; capabilities say the rest. */
  private static final int VERSION = 2;

  private static final List<String> CAPABILITIES =
      List.of("queue", "resume", "deltas", "tool_results", "approvals");

  private final String agentName;
  private final String release;
  private final String sandbox;
  private final String bootId = UUID.randomUUID().toString();

  /**
   * @param release the id of the release that runs
   * @param sandbox what keeps tools apart from the agent: {@code bubblewrap}, {@code user} or
   *     {@code weak}
   */
  public HealthRoutes(String agentName, String release, String sandbox) {
    this.agentName = agentName;
    this.release = release;
    this.sandbox = sandbox;
  }

  public void register(Router router) {
    router.get(PATH, exchange -> exchange.send(body()));
  }

  private ObjectNode body() {
    ObjectNode body =
        Json.object().put("status", "ok").put("agent_name", agentName).put("version", VERSION);
    ArrayNode capabilities = body.putArray("capabilities");
    CAPABILITIES.forEach(capabilities::add);
    return body.put("release", release).put("boot_id", bootId).put("sandbox", sandbox);
  }
}
