package ai.liberclaw.agent.mcp;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Leaves a server that fails again and again alone for a while, so that calls fail at once. */
final class CircuitBreaker {
  static final int FAILURES_MAX = 3;

  private final Duration pause;
  private final ReentrantLock lock = new ReentrantLock();
  private int failures;
  private long openUntil;

  CircuitBreaker(Duration pause) {
    this.pause = pause;
  }

  /** How long nothing may be asked; empty when something may. */
  Optional<Duration> open() {
    lock.lock();
    try {
      long left = openUntil - System.nanoTime();
      return failures >= FAILURES_MAX && left > 0
          ? Optional.of(Duration.ofNanos(left))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  void succeeded() {
    lock.lock();
    try {
      failures = 0;
    } finally {
      lock.unlock();
    }
  }

  /** After the pause one more failure is enough for the next one. */
  void failed() {
    lock.lock();
    try {
      failures++;
      if (failures >= FAILURES_MAX) {
        openUntil = System.nanoTime() + pause.toNanos();
      }
    } finally {
      lock.unlock();
    }
  }
}
