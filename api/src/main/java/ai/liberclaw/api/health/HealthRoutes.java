package ai.liberclaw.api.health;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code /health}: alive, without a look at anything; {@code /health/ready}: able to work. */
public final class HealthRoutes {
  private static final Logger LOG = System.getLogger(HealthRoutes.class.getName());

  private static final Duration CHECK_TIME_MAX = Duration.ofSeconds(2);

  private final Map<String, Check> checks;

  /** Says by throwing, or by false, that a part does not work. */
  @FunctionalInterface
  public interface Check {
    boolean passes() throws Exception;
  }

  /**
   * @param checks by name, in the order of the answer
   */
  public HealthRoutes(Map<String, Check> checks) {
    this.checks = new LinkedHashMap<>(checks);
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
    for (Map.Entry<String, Check> check : checks.entrySet()) {
      boolean passes = passes(check.getKey(), check.getValue());
      results.put(check.getKey(), passes ? "ok" : "failed");
      all &= passes;
    }
    ObjectNode body = Json.object().put("status", all ? "ok" : "unavailable");
    body.set("checks", results);
    exchange.send(all ? 200 : 503, body);
  }

  /** A part that does not answer in time, such as a pool without its database, has failed. */
  private static boolean passes(String name, Check check) {
    FutureTask<Boolean> result = new FutureTask<>(check::passes);
    Thread.ofVirtual().name("readiness-" + name).start(result);
    try {
      return result.get(CHECK_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(Level.WARNING, "readiness.failed check=" + name + " reason=" + e);
      return false;
    } finally {
      result.cancel(true);
    }
  }
}
