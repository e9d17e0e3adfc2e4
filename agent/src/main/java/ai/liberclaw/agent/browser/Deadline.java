package ai.liberclaw.agent.browser;

import java.time.Duration;

/**
 * When something must be done.
 *
 * @param nanos by {@link System#nanoTime}
 */
record Deadline(long nanos) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** Nanoseconds that are left; zero when none are. */
  long left() {
    return Math.max(0, nanos - System.nanoTime());
  }

  /** The sooner of this and one that is so far away. */
  Deadline within(Duration time) {
    return new Deadline(System.nanoTime() + Math.min(left(), time.toNanos()));
  }

  /** So much sooner. */
  Deadline before(Duration time) {
    return new Deadline(nanos - time.toNanos());
  }
}
