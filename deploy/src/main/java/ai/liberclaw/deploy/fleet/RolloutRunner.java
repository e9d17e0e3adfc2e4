package ai.liberclaw.deploy.fleet;

import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.postgres.PlatformDatabase;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Carries out the rollout there is, in whichever server has its lease. All it knows is in rows: a
 * server that ends, or dies, is followed by another.
 */
public final class RolloutRunner implements AutoCloseable {
  private static final Logger LOG = System.getLogger(RolloutRunner.class.getName());
  private static final Duration CLOSE_TIME_MAX = Duration.ofSeconds(5);

  /**
   * @param idle between looks while there is no rollout
   * @param busy between looks at one
   * @param lease after which another server takes over from a dead one
   */
  public record Times(Duration idle, Duration busy, Duration lease) {
    public static Times usual() {
      return new Times(Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofSeconds(60));
    }
  }

  private final PlatformDatabase database;
  private final RolloutWork work;
  private final Times times;
  private final String owner = Secrets.uuid();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;

  public RolloutRunner(PlatformDatabase database, HealthGate gate, Times times) {
    this.database = database;
    this.times = times;
    this.work = new RolloutWork(database, gate, owner, times.lease());
    this.thread = Thread.ofVirtual().name("rollouts").unstarted(this::run);
  }

  public RolloutRunner start() {
    thread.start();
    return this;
  }

  /** Leaves the rollout to another server. */
  @Override
  public void close() {
    stopping.countDown();
    thread.interrupt();
    try {
      if (!thread.join(CLOSE_TIME_MAX)) {
        LOG.log(Level.WARNING, "rollouts.close_timed_out");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    boolean told = false;
    try {
      boolean active = false;
      do {
        try {
          Optional<Rollout> rollout = RolloutStore.claim(database.dsl(), owner, times.lease());
          active = rollout.isPresent();
          if (rollout.isPresent()) {
            work.goOn(rollout.get());
          }
          told = false;
        } catch (RuntimeException e) {
          if (stopping.getCount() > 0 && !told) {
            LOG.log(Level.WARNING, "rollouts.failed", e);
          }
          told = true;
        }
      } while (!stopping.await(
          (active ? times.busy() : times.idle()).toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      // Closing.
    }
    boolean _ = Thread.interrupted();
    try {
      RolloutStore.release(database.dsl(), owner);
    } catch (RuntimeException e) {
      // The lease runs out.
      LOG.log(Level.INFO, "rollouts.left", e);
    }
  }
}
