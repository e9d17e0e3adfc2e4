package ai.liberclaw.deploy.pool;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * What is likely to be asked for: the mean of the last hours, in which each hour counts less than
 * the one after it.
 *
 * @param byHour agents that came, by the hour's beginning
 */
record Demand(Map<Instant, Integer> byHour) {
  /** Older hours are of no weight. */
  static final Duration LOOK_BACK = Duration.ofHours(24);

  private static final double WEIGHT_OF_AN_HOUR_EARLIER = 0.75;

  /** The hour that has just begun says too little by itself. */
  private static final double PART_OF_HOUR_MIN = 0.25;

  Demand {
    byHour = Map.copyOf(byHour);
  }

  /** Agents per hour. */
  double perHour(Instant now) {
    Instant hour = now.truncatedTo(ChronoUnit.HOURS);
    double passed = Duration.between(hour, now).toMillis() / (double) Duration.ofHours(1).toMillis();
    double part = Math.max(PART_OF_HOUR_MIN, passed);
    double sum = byHour.getOrDefault(hour, 0);
    double weights = part;
    double weight = 1;
    for (long back = 1; back <= LOOK_BACK.toHours(); back++) {
      weight *= WEIGHT_OF_AN_HOUR_EARLIER;
      sum += weight * byHour.getOrDefault(hour.minus(back, ChronoUnit.HOURS), 0);
      weights += weight;
    }
    return sum / weights;
  }

  /** How many machines should wait. */
  int target(Instant now, PoolSettings settings) {
    double hours = settings.cover().toMillis() / (double) Duration.ofHours(1).toMillis();
    // A trickle does not make a machine wait: half of one is none.
    long wanted = Math.round(perHour(now) * hours);
    return Math.clamp(wanted, settings.min(), settings.max());
  }
}
