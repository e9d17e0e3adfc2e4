package ai.liberclaw.core.watch;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Interrupts virtual threads that wait for somebody for too long. One thread looks after all waits:
 * the JDK keeps the timers of timed reads in a queue under one lock, where putting one in and out
 * for every event of thousands of streams costs more than the events. Safe for any number of
 * threads.
 */
public final class WaitTimeouts {
  /** What a timeout may be noticed late by, but for those that are shorter. */
  private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final Set<WaitTimeout> open = ConcurrentHashMap.newKeySet();
  private final Watch watch;

  /**
   * @param name of the thread that looks
   */
  public WaitTimeouts(String name) {
    watch = new Watch(name, () -> !open.isEmpty(), this::look);
  }

  /**
   * For waits of one thread at a time, one after the other.
   *
   * @param max how long each of them may take
   */
  public WaitTimeout of(Duration max) {
    WaitTimeout timeout = new WaitTimeout(this, max);
    open.add(timeout);
    boolean asleep = !watch.begin();
    if (asleep && max.toNanos() < LOOK_EVERY_NANOS) {
      watch.wake();
    }
    return timeout;
  }

  void remove(WaitTimeout timeout) {
    open.remove(timeout);
  }

  private long look() {
    long next = LOOK_EVERY_NANOS;
    for (WaitTimeout timeout : open) {
      next = Math.min(next, timeout.look());
    }
    return next;
  }
}
