package ai.liberclaw.api.health;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What must work for the server to work, by name. */
public final class Readiness {
  private static final Logger LOG = System.getLogger(Readiness.class.getName());

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
  public Readiness(Map<String, Check> checks) {
    this.checks = new LinkedHashMap<>(checks);
  }

  public List<String> names() {
    return List.copyOf(checks.keySet());
  }

  /**
   * A part that does not answer in time, such as a pool without its database, has failed.
   *
   * @throws IllegalArgumentException when there is no such check
   */
  public boolean passes(String name) {
    Check check = checks.get(name);
    if (check == null) {
      throw new IllegalArgumentException("no check " + name);
    }
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
