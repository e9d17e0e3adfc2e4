package ai.liberclaw.api.activity;

import ai.liberclaw.core.error.Refusal;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the open readers of the public feed, in all and by address. */
final class FeedPlaces {
  private static final Map<String, String> LATER = Map.of("Retry-After", "5");

  private final FeedLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Integer> byAddress = new HashMap<>();
  private int open;

  FeedPlaces(FeedLimits limits) {
    this.limits = limits;
  }

  /** One reader's place; closing it frees the place. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @throws Refusal 429 when too many come from this address, 503 when there are too many
   */
  Place take(String address) {
    lock.lock();
    try {
      int max = limits.streamsPerAddressMax();
      if (byAddress.getOrDefault(address, 0) >= max) {
        throw new Refusal(429, "Too many open streams: at most " + max + " per address", LATER);
      }
      if (open >= limits.streamsMax()) {
        throw new Refusal(503, "Too many open streams", LATER);
      }
      open++;
      byAddress.merge(address, 1, Integer::sum);
    } finally {
      lock.unlock();
    }
    return () -> leave(address);
  }

  private void leave(String address) {
    lock.lock();
    try {
      open--;
      byAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    } finally {
      lock.unlock();
    }
  }
}
