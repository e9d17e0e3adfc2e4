package ai.liberclaw.api.inference;

import ai.liberclaw.core.watch.Watch;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Begins the streams whose services think for long, so that their callers see a sign of life. */
final class StreamHeads {
  /** Streams that are due one after the other are begun together. */
  private static final long TOGETHER_NANOS = Duration.ofMillis(20).toNanos();

  private final long waitNanos;
  private final Set<ClientEvents> undecided = ConcurrentHashMap.newKeySet();
  private final Watch watch = new Watch("inference-heads", () -> !undecided.isEmpty(), this::look);

  StreamHeads(Duration wait) {
    this.waitNanos = wait.toNanos();
  }

  /** It is begun when it still is undecided after the wait. */
  void add(ClientEvents events) {
    undecided.add(events);
    // No look is later than a wait from now, so that nobody has to be woken.
    boolean _ = watch.begin();
  }

  void remove(ClientEvents events) {
    undecided.remove(events);
  }

  private long look() {
    long next = waitNanos;
    for (Iterator<ClientEvents> all = undecided.iterator(); all.hasNext(); ) {
      ClientEvents events = all.next();
      long left = waitNanos - events.ageNanos();
      if (left > 0) {
        next = Math.min(next, left);
      } else {
        all.remove();
        // The write may wait for a caller that does not read.
        Thread.ofVirtual().name("inference-head").start(events::beginEarly);
      }
    }
    return Math.max(next, Math.min(waitNanos, TOGETHER_NANOS));
  }
}
