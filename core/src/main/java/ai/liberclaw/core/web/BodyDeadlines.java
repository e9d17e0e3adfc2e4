package ai.liberclaw.core.web;

import ai.liberclaw.core.watch.Watch;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Interrupts threads that read a request's body for too long: nothing in the server cuts a body
 * that never ends.
 */
final class BodyDeadlines {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final ConcurrentMap<Thread, Long> deadlines = new ConcurrentHashMap<>();
  private final Watch watch = new Watch("body-deadlines", () -> !deadlines.isEmpty(), this::look);

  /**
   * The calling thread is interrupted when it is not done in time, give or take a second.
   *
   * @return closed by the same thread when the body has been read
   */
  Reading reading(Duration max) {
    Thread reader = Thread.currentThread();
    deadlines.put(reader, System.nanoTime() + max.toNanos());
    boolean _ = watch.begin();
    return () -> {
      if (deadlines.remove(reader) == null) {
        swallowInterrupt();
      }
    };
  }

  /** A body that is being read. */
  interface Reading extends AutoCloseable {
    @Override
    void close();
  }

  /** The interrupt of this body is on its way or here, and what follows must not find it. */
  private static void swallowInterrupt() {
    try {
      Thread.sleep(LOOK_EVERY);
    } catch (InterruptedException _) {
      // That was it.
    }
  }

  private long look() {
    long now = System.nanoTime();
    deadlines.forEach((reader, deadline) -> {
      if (now - deadline > 0 && deadlines.remove(reader, deadline)) {
        reader.interrupt();
      }
    });
    return LOOK_EVERY.toNanos();
  }
}
