package ai.liberclaw.deploy.limit;

import ai.liberclaw.core.retry.Backoff;
import java.time.Clock;
import java.time.Instant;
import org.jooq.DSLContext;

/**
 * Holds back work that keeps failing, on all servers: after each failure in a row it waits longer.
 * A success ends that. After the wait it is meant to be tried once, not many times at once.
 */
public final class Breaker {
  private final DSLContext sql;
  private final String name;
  private final Backoff backoff;
  private final Clock clock;

  /**
   * @param name of the work, at most 64 characters
   */
  public Breaker(DSLContext sql, String name, Backoff backoff, Clock clock) {
    this.sql = sql;
    this.name = name;
    this.backoff = backoff;
    this.clock = clock;
  }

  /** Whether the work may be tried now. */
  public boolean closed() {
    Instant now = clock.instant();
    return BreakerStore.find(sql, name)
        .flatMap(BreakerStore.State::openUntil)
        .map(until -> !until.isAfter(now))
        .orElse(true);
  }

  /** Failures in a row. */
  public int failures() {
    return BreakerStore.find(sql, name).map(BreakerStore.State::failures).orElse(0);
  }

  /** Returns how many failures there were in a row, this one included. */
  public int failed(String code) {
    int failures = BreakerStore.failed(sql, name, code);
    BreakerStore.openUntil(sql, name, clock.instant().plus(backoff.delay(failures)));
    return failures;
  }

  public void succeeded() {
    BreakerStore.reset(sql, name);
  }
}
