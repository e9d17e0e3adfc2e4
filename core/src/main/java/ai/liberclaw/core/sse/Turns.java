package ai.liberclaw.core.sse;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets no more readers that never have to wait run at a time than there are processors, so that a
 * carrier that one of them leaves finds nothing of theirs to do, and turns to others. Virtual
 * threads are not taken off their carrier by force, and a carrier takes up what runs again before
 * what the outside has woken: endless streams would stop everything else in the server.
 */
final class Turns {
  /** A turn ends by itself after this: who has it may be waiting for a client meanwhile. */
  private static final long TURN_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(10);

  private final int atOnce;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<TimeSlice> line = new ArrayDeque<>();

  /** Whose turn it is, and when it ends. */
  private final Map<TimeSlice, Long> turns = new HashMap<>();

  Turns() {
    this(Runtime.getRuntime().availableProcessors());
  }

  Turns(int atOnce) {
    this.atOnce = atOnce;
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Gives up the reader's turn, and returns when it has the next; at once when interrupted. */
  void next(TimeSlice reader) {
    lock.lock();
    try {
      turns.remove(reader);
      line.add(reader);
      tellFirst();
      while (line.peek() != reader || !isFree()) {
        // Only the first is told; the time is for turns that nobody ends.
        reader.myTurn.awaitNanos(TURN_NANOS_MAX);
      }
      turns.put(reader, System.nanoTime() + TURN_NANOS_MAX);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      line.remove(reader);
      tellFirst();
      lock.unlock();
    }
  }

  /** The reader has to wait by itself now. */
  void leave(TimeSlice reader) {
    lock.lock();
    try {
      if (turns.remove(reader) != null) {
        tellFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isFree() {
    long now = System.nanoTime();
    turns.values().removeIf(end -> now - end > 0);
    return turns.size() < atOnce;
  }

  private void tellFirst() {
    TimeSlice first = line.peek();
    if (first != null) {
      first.myTurn.signal();
    }
  }
}
