package ai.liberclaw.deploy.model;

import ai.liberclaw.core.retry.Backoff;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whether one service may be asked by this server now. After some failures in a row it is left
 * alone for a while, longer each time; then one call tries it for all.
 */
public final class UpstreamGate {
  /** Failures in a row that may be chance. */
  static final int FAILURES_MAX = 5;

  private static final Backoff REST =
      new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(2), 0.2);

  private final Semaphore places;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private int failures;
  private Instant restsUntil = Instant.MIN;
  private boolean tried;

  UpstreamGate(int concurrency, Clock clock) {
    this.places = new Semaphore(concurrency);
    this.clock = clock;
  }

  /** What came of asking for a call. */
  public enum Entry {
    OPEN,
    /** As many calls as it may have are running. */
    FULL,
    /** It is left alone for a while. */
    RESTING
  }

  /** Takes a place, which {@link #leave} gives back. */
  Entry enter() {
    if (!places.tryAcquire()) {
      return Entry.FULL;
    }
    lock.lock();
    try {
      if (failures < FAILURES_MAX) {
        return Entry.OPEN;
      }
      if (tried || clock.instant().isBefore(restsUntil)) {
        places.release();
        return Entry.RESTING;
      }
      tried = true;
      return Entry.OPEN;
    } finally {
      lock.unlock();
    }
  }

  /** It answered, if only with a refusal of what was asked. */
  void succeeded() {
    lock.lock();
    try {
      failures = 0;
      tried = false;
    } finally {
      lock.unlock();
    }
  }

  /** It is out of order, or refuses everybody. */
  void failed() {
    lock.lock();
    try {
      failures++;
      tried = false;
      if (failures >= FAILURES_MAX) {
        restsUntil = clock.instant().plus(REST.delay(failures - FAILURES_MAX + 1));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Neither: the call was given up before anything was known. */
  void undecided() {
    lock.lock();
    try {
      tried = false;
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    places.release();
  }

  /** Whether it is left alone now. */
  public boolean rests() {
    lock.lock();
    try {
      return failures >= FAILURES_MAX && clock.instant().isBefore(restsUntil);
    } finally {
      lock.unlock();
    }
  }
}
