package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.limit.RateLimitStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * How many agents may be created or rebuilt in a period: each starts a machine that costs money,
 * also when its agent is deleted a moment later. Counted across all servers, in periods that begin
 * with the UTC hour or day.
 */
public final class CreationCaps {
  private static final String SITE = "site";

  private final Limits limits;
  private final Clock clock;

  public CreationCaps(Limits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * The numbers; 0 stops creations.
   *
   * @param perUserPerDay of one user
   * @param perHour of all users
   * @param perDay of all users
   */
  public record Limits(int perUserPerDay, int perHour, int perDay) {
    private static final int MAX = 1_000_000_000;

    /** Reads the three variables. */
    public static Limits read(EnvReader env) {
      return new Limits(
          limit(env, "PER_USER_PER_DAY", 20, "agents a user may create or rebuild per UTC day"),
          limit(env, "PER_HOUR", 30, "agents all users may create or rebuild per hour"),
          limit(env, "PER_DAY", 200, "agents all users may create or rebuild per UTC day"));
    }

    private static int limit(EnvReader env, String name, int defaultValue, String meaning) {
      return Math.toIntExact(
          env.integer("LIBERCLAW_CREATIONS_" + name, defaultValue, 0, MAX, meaning));
    }
  }

  /**
   * Counts one in the given transaction, which takes it back when it fails. Called late in it,
   * because until its end nobody else is counted.
   *
   * @throws Refusal 429 naming the limit
   */
  void take(DSLContext sql, UUID ownerId) {
    Duration day = Duration.ofDays(1);
    take(sql, "creations_user_day", ownerId.toString(), limits.perUserPerDay(), day, "per day");
    take(sql, "creations_hour", SITE, limits.perHour(), Duration.ofHours(1), "per hour here");
    take(sql, "creations_day", SITE, limits.perDay(), day, "per day here");
  }

  private void take(
      DSLContext sql, String name, String subject, int limit, Duration period, String words) {
    Instant now = clock.instant();
    long seconds = period.toSeconds();
    Instant start = Instant.ofEpochSecond(now.getEpochSecond() / seconds * seconds);
    Instant end = start.plus(period);
    if (limit <= 0 || !RateLimitStore.take(sql, name, subject, start, end, limit)) {
      throw new Refusal(
          429,
          "Too many agents created or rebuilt: at most " + limit + " " + words,
          Map.of("Retry-After", Long.toString(Duration.between(now, end).toSeconds() + 1)));
    }
  }
}
