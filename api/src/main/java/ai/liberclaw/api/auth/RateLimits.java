package ai.liberclaw.api.auth;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.limit.RateLimitStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jooq.DSLContext;

/** Limits on how often something may be done in a period, counted across all servers. */
public final class RateLimits {
  private final double multiplier;
  private final Clock clock;

  /**
   * @param multiplier of every limit
   */
  public RateLimits(double multiplier, Clock clock) {
    this.multiplier = multiplier;
    this.clock = clock;
  }

  /**
   * One kind of use.
   *
   * @param name short, for the table
   * @param noun what is counted, for the message
   */
  public record Limit(String name, String noun, int count, Duration period) {}

  /**
   * Counts one use in the given transaction, which takes it back when it fails.
   *
   * @throws Refusal 429 naming the limit when it is used up
   */
  public void take(DSLContext sql, Limit limit, String subject) {
    Instant now = clock.instant();
    Instant start = periodStart(limit, now);
    Instant end = start.plus(limit.period());
    long count = Math.max(1, Math.round(limit.count() * multiplier));
    if (!RateLimitStore.take(sql, limit.name(), subject, start, end, count)) {
      String period =
          limit.period().equals(Duration.ofHours(1))
              ? "hour"
              : limit.period().equals(Duration.ofDays(1)) ? "day" : limit.period().toString();
      throw new Refusal(
          429,
          "Too many " + limit.noun() + ": at most " + count + " per " + period,
          Map.of("Retry-After", Long.toString(Duration.between(now, end).toSeconds() + 1)));
    }
  }

  /** Gives one use back. */
  void giveBack(DSLContext sql, Limit limit, String subject) {
    RateLimitStore.giveBack(sql, limit.name(), subject, periodStart(limit, clock.instant()));
  }

  private static Instant periodStart(Limit limit, Instant now) {
    long seconds = limit.period().toSeconds();
    return Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond(), seconds) * seconds);
  }
}
