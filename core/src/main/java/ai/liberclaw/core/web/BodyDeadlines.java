package ai.liberclaw.core.web;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Interrupts threads that read a request's body for too long: nothing in the server cuts a body
 * that never ends. One thread looks after all of them while there are any, since a timer of its own
 * would cost a short request more than its body.
 */
final class BodyDeadlines {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final ConcurrentMap<Thread, Long> deadlines = new ConcurrentHashMap<>();
  private final AtomicBoolean looking = new AtomicBoolean();

  /**
   * The calling thread is interrupted when it is not done in time, give or take a second.
   *
   * @return closed by the same thread when the body has been read
   */
  Reading reading(Duration max) {
    Thread reader = Thread.currentThread();
    deadlines.put(reader, System.nanoTime() + max.toNanos());
    if (looking.compareAndSet(false, true)) {
      Thread.ofVirtual().name("body-deadlines").start(this::look);
    }
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

  private void look() {
    do {
      while (!deadlines.isEmpty()) {
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
        long now = System.nanoTime();
        deadlines.forEach((reader, deadline) -> {
          if (now - deadline > 0 && deadlines.remove(reader, deadline)) {
            reader.interrupt();
          }
        });
      }
      looking.set(false);
      // A body that came in between found somebody looking.
    } while (!deadlines.isEmpty() && looking.compareAndSet(false, true));
  }
}
