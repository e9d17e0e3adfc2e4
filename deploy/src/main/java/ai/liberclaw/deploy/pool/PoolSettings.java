package ai.liberclaw.deploy.pool;

import ai.liberclaw.core.config.EnvReader;
import java.time.Duration;

/**
 * How many machines wait, and what may be spent on them.
 *
 * @param enabled off: machines that still wait are given back
 * @param min machines that wait however little was asked for
 * @param max machines that wait or are being made, at most
 * @param ageMax a machine that waited longer is replaced
 * @param cover the pool is to last for the agents that usually come in this time
 * @param perHour machines made in an hour, at most
 * @param perDay machines made in a UTC day, at most
 * @param parallel machines made at the same time
 * @param interval between looks at the pool
 */
public record PoolSettings(
    boolean enabled,
    int min,
    int max,
    Duration ageMax,
    Duration cover,
    int perHour,
    int perDay,
    int parallel,
    Duration interval) {
  private static final int SIZE_MAX = 1000;
  private static final int PARALLEL_MAX = 50;
  private static final int CREATIONS_MAX = 1_000_000;
  private static final int DEFAULT_MAX = 10;

  /** Reads the variables. */
  public static PoolSettings read(EnvReader env) {
    boolean enabled =
        env.flag("LIBERCLAW_POOL_ENABLED", false, "keep machines ready for agents that are to come");
    int min = number(env, "MIN_SIZE", 1, 0, SIZE_MAX, "machines that wait in any case");
    int max = number(env, "MAX_SIZE", DEFAULT_MAX, 0, SIZE_MAX, "machines that wait, at most");
    if (min > max) {
      env.problem("LIBERCLAW_POOL_MIN_SIZE", "must not exceed LIBERCLAW_POOL_MAX_SIZE");
    }
    return new PoolSettings(
        enabled,
        Math.min(min, max),
        max,
        Duration.ofHours(
            number(env, "MAX_AGE_HOURS", 168, 1, 8760, "a machine that waited longer is replaced")),
        Duration.ofMinutes(
            number(env, "COVER_MINUTES", 30, 1, 1440, "for the agents of so long it is to last")),
        number(env, "CREATIONS_PER_HOUR", 10, 0, CREATIONS_MAX, "machines made per hour"),
        number(env, "CREATIONS_PER_DAY", 60, 0, CREATIONS_MAX, "machines made per UTC day"),
        number(env, "PARALLEL", 2, 1, PARALLEL_MAX, "machines made at the same time"),
        env.seconds("LIBERCLAW_POOL_REPLENISH_INTERVAL", 10, 1, "between looks at the pool"));
  }

  private static int number(
      EnvReader env, String name, int defaultValue, int min, int max, String meaning) {
    return Math.toIntExact(env.integer("LIBERCLAW_POOL_" + name, defaultValue, min, max, meaning));
  }
}
