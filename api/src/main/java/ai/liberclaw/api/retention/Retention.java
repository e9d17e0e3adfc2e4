package ai.liberclaw.api.retention;

import ai.liberclaw.deploy.cluster.ClusterTasks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jooq.DSLContext;

/** Deletes what has been kept long enough, once an hour on one server of all. */
public final class Retention {
  private static final Logger LOG = System.getLogger(Retention.class.getName());
  private static final Duration PERIOD = Duration.ofHours(1);

  /** Rows of one transaction: short enough that nobody waits for its locks. */
  private static final int BATCH_ROWS = 1000;

  private final DSLContext sql;
  private final Clock clock;
  private final RetentionStore store = new RetentionStore();

  public Retention(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /** From now on it is one of these tasks. */
  public void addTo(ClusterTasks tasks) {
    tasks.every("retention", PERIOD, this::prune);
  }

  private void prune(ClusterTasks.Lease lease) throws InterruptedException {
    Instant now = clock.instant();
    for (RetentionStore.Rule rule : store.rules(now)) {
      long deleted = prune(lease, rule);
      if (deleted > 0) {
        LOG.log(
            Level.INFO, "retention.pruned table=" + rule.table().getName() + " rows=" + deleted);
      }
    }
  }

  private long prune(ClusterTasks.Lease lease, RetentionStore.Rule rule)
      throws InterruptedException {
    long deleted = 0;
    int batch;
    do {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      batch =
          sql.transactionResult(tx -> {
            lease.hold(tx.dsl());
            return store.delete(tx.dsl(), rule, BATCH_ROWS);
          });
      deleted += batch;
    } while (batch == BATCH_ROWS);
    return deleted;
  }
}
