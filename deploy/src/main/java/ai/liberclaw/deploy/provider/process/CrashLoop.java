package ai.liberclaw.deploy.provider.process;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How long to wait before a crashed agent is started again: 1 s, doubling to 60 s, from the start
 * again once it stayed up for the window. With too many crashes within the window it is degraded
 * and retried at the longest delay only.
 */
final class CrashLoop {
  static final Duration WINDOW = Duration.ofMinutes(5);
  static final int CRASHES_MAX = 5;
  static final Duration DELAY_FIRST = Duration.ofSeconds(1);
  static final Duration DELAY_MAX = Duration.ofSeconds(60);

  private final Deque<Instant> crashes = new ArrayDeque<>();
  private Duration next = DELAY_FIRST;

  /** Notes a crash and says when to start again. */
  Instant crashed(Instant now) {
    if (!crashes.isEmpty() && crashes.getLast().plus(WINDOW).isBefore(now)) {
      next = DELAY_FIRST;
    }
    crashes.addLast(now);
    if (crashes.size() > CRASHES_MAX) {
      crashes.removeFirst();
    }
    Duration delay = degraded(now) ? DELAY_MAX : next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(DELAY_MAX) > 0 ? DELAY_MAX : doubled;
    return now.plus(delay);
  }

  /** Whether it crashed too often lately. */
  boolean degraded(Instant now) {
    return crashes.stream().filter(crash -> crash.plus(WINDOW).isAfter(now)).count() >= CRASHES_MAX;
  }
}
