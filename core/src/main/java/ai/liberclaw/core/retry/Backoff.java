package ai.liberclaw.core.retry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Waits that double from {@code base} until {@code max}, each moved up or down at random by at most
 * the fraction {@code jitter} so that clients which failed together don't come back together.
 *
 * @param base the wait before the first retry
 * @param max the longest wait, before jitter
 * @param jitter from 0 (none) to 1
 * @param random numbers from 0 (inclusive) to 1 (exclusive)
 */
public record Backoff(Duration base, Duration max, double jitter, DoubleSupplier random) {
  private static final Duration LONGEST = Duration.ofDays(365);

  public Backoff {
    if (!base.isPositive() || max.compareTo(base) < 0 || max.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "need 0 < base <= max <= " + LONGEST + ", got " + base + " and " + max);
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter must be from 0 to 1, got " + jitter);
    }
  }

  public Backoff(Duration base, Duration max, double jitter) {
    this(base, max, jitter, () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * @param attempt how many tries have failed, from 1; any number is fine, however large
   */
  public Duration delay(int attempt) {
    long nanos = base.toNanos();
    for (int i = 1; i < attempt && nanos < max.toNanos(); i++) {
      // Compared by halves: doubling could overflow.
      nanos = nanos > max.toNanos() / 2 ? max.toNanos() : nanos * 2;
    }
    double factor = 1 + jitter * (2 * random.getAsDouble() - 1);
    return Duration.ofNanos((long) (nanos * factor));
  }
}
