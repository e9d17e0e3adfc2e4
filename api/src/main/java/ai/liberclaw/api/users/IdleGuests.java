package ai.liberclaw.api.users;

import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.core.config.EnvReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jooq.DSLContext;

/** Erases guests who stay away, with their agents and what these live in. */
public final class IdleGuests {
  private static final Logger LOG = System.getLogger(IdleGuests.class.getName());
  private static final Duration PERIOD = Duration.ofHours(1);
  private static final int BATCH = 100;
  private static final UUID FIRST = new UUID(0, 0);

  private final DSLContext sql;
  private final Erasure erasure;
  private final Duration idle;
  private final Clock clock;
  private final ErasureStore users = new ErasureStore();

  /**
   * @param idle how long a guest may stay away
   */
  public IdleGuests(DSLContext sql, Erasure erasure, Duration idle, Clock clock) {
    this.sql = sql;
    this.erasure = erasure;
    this.idle = idle;
    this.clock = clock;
  }

  /** How long guests may stay away. */
  public static Duration read(EnvReader env) {
    return Duration.ofDays(
        env.integer(
            "LIBERCLAW_GUEST_IDLE_DAYS", 30, 1, 3650, "guests away so long are deleted (days)"));
  }

  /** From now on it is one of these tasks. */
  public void addTo(ClusterTasks tasks) {
    tasks.every("idle_guests", PERIOD, _ -> deleteIdle(clock.instant()));
  }

  /**
   * Erases all that are due, each in a transaction of its own; two servers at once do no harm.
   *
   * @return how many
   */
  public int deleteIdle(Instant now) {
    Instant notSeenSince = now.minus(idle);
    int deleted = 0;
    UUID after = FIRST;
    List<UUID> batch;
    do {
      batch = users.idleGuests(sql, notSeenSince, after, BATCH);
      for (UUID guest : batch) {
        after = guest;
        if (Thread.currentThread().isInterrupted()) {
          return deleted;
        }
        try {
          if (erasure.eraseIdle(guest, notSeenSince)) {
            deleted++;
          }
        } catch (RuntimeException e) {
          // The others are not to wait for the one that cannot be erased.
          LOG.log(Level.WARNING, "guest.not_erased user=" + guest, e);
        }
      }
    } while (batch.size() == BATCH);
    if (deleted > 0) {
      LOG.log(Level.INFO, "guests.erased count=" + deleted);
    }
    return deleted;
  }
}
