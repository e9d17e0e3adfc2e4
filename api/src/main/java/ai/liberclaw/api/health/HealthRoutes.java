package ai.liberclaw.api.health;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /health}: alive, without a look at anything; {@code /health/ready}: able to work. */
public final class HealthRoutes {
  private final Readiness readiness;

  public HealthRoutes(Readiness readiness) {
    this.readiness = readiness;
  }

  public void addTo(Router router) {
    router.get("/api/v1/health", this::alive).get("/api/v1/health/ready", this::ready);
  }

  private void alive(Exchange exchange) {
    exchange.send(Json.object().put("status", "ok"));
  }

  private void ready(Exchange exchange) {
    ObjectNode results = Json.object();
    boolean all = true;
    for (String name : readiness.names()) {
      boolean passes = readiness.passes(name);
      results.put(name, passes ? "ok" : "failed");
      all &= passes;
    }
    ObjectNode body = Json.object().put("status", all ? "ok" : "unavailable");
    body.set("checks", results);
    exchange.send(all ? 200 : 503, body);
  }
}
