package ai.liberclaw.core.sse;

import ai.liberclaw.core.watch.Watch;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks after the open streams of one server: who was silent for long gets a keepalive, who stalls
 * is cut.
 */
public final class SseWatch {
  /** What a silence or a stall may be noticed late by, but for limits that are shorter. */
  private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  /** Streams that are due one after the other are looked after together. */
  private static final long TOGETHER_NANOS = Duration.ofMillis(20).toNanos();

  private final Set<SseWriter> open = ConcurrentHashMap.newKeySet();
  private final Turns turns = new Turns();
  private final Watch watch = new Watch("sse-watch", () -> !open.isEmpty(), this::look);

  /**
   * For the reader of what goes to a client of this server, so that it leaves others their turn.
   */
  public TimeSlice slice() {
    return new TimeSlice(turns);
  }

  void add(SseWriter writer, long firstLookNanos) {
    open.add(writer);
    boolean asleep = !watch.begin();
    if (asleep && firstLookNanos < LOOK_EVERY_NANOS) {
      watch.wake();
    }
  }

  void remove(SseWriter writer) {
    open.remove(writer);
  }

  private long look() {
    long next = LOOK_EVERY_NANOS;
    for (SseWriter writer : open) {
      next = Math.min(next, writer.look());
    }
    return next;
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
