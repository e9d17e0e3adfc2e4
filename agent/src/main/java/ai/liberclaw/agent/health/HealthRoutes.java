package ai.liberclaw.agent.health;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code GET /health}, for anybody: that the agent lives, and what it can do. */
public final class HealthRoutes {
  public static final String PATH = "/health";

  private final AgentIdentity identity;
  private final AgentFacts facts;

  public HealthRoutes(AgentIdentity identity, AgentFacts facts) {
    this.identity = identity;
    this.facts = facts;
  }

  public void register(Router router) {
    router.get(PATH, exchange -> exchange.send(body()));
  }

  private ObjectNode body() {
    ObjectNode body =
        Json.object()
            .put("status", "ok")
            .put("agent_name", identity.name())
            .put("version", AgentIdentity.VERSION);
    ArrayNode capabilities = body.putArray("capabilities");
    facts.capabilities().forEach(capabilities::add);
    return body.put("release", identity.release())
        .put("boot_id", identity.bootId().toString())
        .put("sandbox", identity.sandbox());
  }
}
