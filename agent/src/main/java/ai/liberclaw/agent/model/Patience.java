package ai.liberclaw.agent.model;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a model call may take and how often it is tried.
 *
 * @param timeout for the whole call
 * @param idleTimeout without a byte from the provider
 * @param retries extra attempts
 * @param retryBase wait before the first retry, doubled for each further one
 */
record Patience(Duration timeout, Duration idleTimeout, int retries, Duration retryBase) {
  private static final Duration RETRY_AFTER_MAX = Duration.ofSeconds(30);
  private static final double JITTER = 0.2;

  static Patience of(ModelSettings settings) {
    return new Patience(
        settings.timeout(), settings.idleTimeout(), settings.retries(), settings.retryBase());
  }

  /**
   * The wait before another attempt.
   *
   * @param retry 0 for the first one
   * @param retryAfterSeconds what the provider asked for
   */
  Duration beforeRetry(int retry, OptionalLong retryAfterSeconds) {
    if (retryAfterSeconds.isPresent()) {
      long seconds = Math.clamp(retryAfterSeconds.getAsLong(), 0, RETRY_AFTER_MAX.toSeconds());
      return Duration.ofSeconds(seconds);
    }
    double factor = ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER);
    return Duration.ofNanos((long) (retryBase.toNanos() * Math.scalb(1.0, retry) * factor));
  }
}
