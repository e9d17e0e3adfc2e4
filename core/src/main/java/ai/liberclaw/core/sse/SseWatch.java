package ai.liberclaw.core.sse;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the open streams of one server: who was silent for long gets a keepalive, who stalls
 * is cut. One thread does so for all of them while there are any, since one of its own would cost a
 * short stream more than its events.
 */
public final class SseWatch {
  /** What a silence or a stall may be noticed late by, but for limits that are shorter. */
  private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  /** Streams that are due one after the other are looked after together. */
  private static final long TOGETHER_NANOS = Duration.ofMillis(20).toNanos();

  private final Set<SseWriter> open = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Thread looker;

  void add(SseWriter writer, long firstLookNanos) {
    open.add(writer);
    if (looking.compareAndSet(false, true)) {
      Thread.ofVirtual().name("sse-watch").start(this::look);
    } else if (firstLookNanos < LOOK_EVERY_NANOS) {
      LockSupport.unpark(looker);
    }
  }

  void remove(SseWriter writer) {
    open.remove(writer);
  }

  private void look() {
    looker = Thread.currentThread();
    do {
      while (!open.isEmpty()) {
        long next = LOOK_EVERY_NANOS;
        for (SseWriter writer : open) {
          next = Math.min(next, writer.look());
        }
        LockSupport.parkNanos(next);
      }
      looking.set(false);
      // A stream that came in between found somebody looking.
    } while (!open.isEmpty() && looking.compareAndSet(false, true));
  }

  /**
   * When to look again at a stream of which this is known.
   *
   * @param due nanoseconds until it has been silent for long enough
   * @param limit the shortest of its limits, in nanoseconds
   */
  static long next(long due, long limit) {
    return Math.max(due, Math.min(limit, TOGETHER_NANOS));
  }
}
