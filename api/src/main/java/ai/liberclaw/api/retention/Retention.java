package ai.liberclaw.api.retention;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jooq.DSLContext;

/** Deletes expired rows at the start and every hour after it; one server at a time does. */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Retention.class.getName());
  private static final Duration PERIOD = Duration.ofHours(1);

  private final DSLContext sql;
  private final Clock clock;
  private final RetentionStore store = new RetentionStore();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /** Starts at once, in the background. */
  public Retention(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("retention").start(this::run);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      do {
        try {
          int deleted = sql.transactionResult(tx -> store.prune(tx.dsl(), clock.instant()));
          if (deleted > 0) {
            LOG.log(Level.INFO, "retention.pruned rows=" + deleted);
          }
        } catch (RuntimeException e) {
          LOG.log(Level.WARNING, "retention.failed", e);
        }
      } while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      // Nobody interrupts it; closing is told by the latch.
    }
  }
}
