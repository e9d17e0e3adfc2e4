package ai.liberclaw.agent.auth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Counts failed sign-ins per address and minute. */
final class FailureCount {
  /** Failures of one address that are answered as what they are. */
  static final int PER_MINUTE_MAX = 20;

  /** Addresses remembered; beyond it the oldest is forgotten. */
  private static final int PEERS_MAX = 10_000;

  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Window> peers =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
          return size() > PEERS_MAX;
        }
      };

  /**
   * @param clock nanoseconds, as {@link System#nanoTime()}
   */
  FailureCount(LongSupplier clock) {
    this.clock = clock;
  }

  /** Counts one; true when the address is over its limit. */
  boolean add(String peer) {
    long now = clock.getAsLong();
    lock.lock();
    try {
      Window window = peers.get(peer);
      if (window == null || now - window.start() > MINUTE_NANOS) {
        peers.remove(peer);
        window = new Window(now, 0);
      }
      Window more = new Window(window.start(), window.count() + 1);
      peers.put(peer, more);
      return more.count() > PER_MINUTE_MAX;
    } finally {
      lock.unlock();
    }
  }

  private record Window(long start, int count) {}
}
