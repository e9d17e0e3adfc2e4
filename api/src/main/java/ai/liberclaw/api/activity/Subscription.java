package ai.liberclaw.api.activity;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One reader's way to the feed: a bounded queue of its own. The feed never waits for a reader; one
 * whose queue is full is dropped, which interrupts the thread that subscribed.
 */
final class Subscription implements AutoCloseable {
  /** Events that wait for one reader: the longest backlog and some more. */
  static final int QUEUE_MAX = ActivityFeed.KEPT_MAX + 300;

  private final Optional<Long> after;
  private final Consumer<Subscription> leaving;
  // Empty: there is no more.
  private final BlockingQueue<Optional<PublicEvent>> queue = new LinkedBlockingQueue<>(QUEUE_MAX);
  private final Thread reader = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean dropped;
  private volatile boolean closed;

  /**
   * For the calling thread.
   *
   * @param after the last event it has seen
   * @param leaving told when this is closed
   */
  Subscription(Optional<Long> after, Consumer<Subscription> leaving) {
    this.after = after;
    this.leaving = leaving;
  }

  /** The next event, waited for; empty when the server stops and the reader is to come back. */
  Optional<PublicEvent> next() throws InterruptedException {
    return queue.take();
  }

  boolean isAheadOf(long position) {
    return after.isPresent() && after.get() > position;
  }

  /** What has happened so far: all that is kept behind the reader's last, or the newest few. */
  void begin(List<PublicEvent> kept) {
    if (after.isPresent() && !kept.isEmpty() && !isAheadOf(kept.getLast().position())) {
      kept.stream().filter(event -> event.position() > after.get()).forEach(this::offer);
    } else {
      kept.subList(Math.max(0, kept.size() - ActivityFeed.BACKLOG), kept.size())
          .forEach(this::offer);
    }
  }

  void offer(PublicEvent event) {
    put(Optional.of(event));
  }

  /** No more after what waits already. */
  void end() {
    put(Optional.empty());
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (dropped) {
        // It was meant for this stream, which is over.
        Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
    leaving.accept(this);
  }

  private void put(Optional<PublicEvent> event) {
    if (queue.offer(event)) {
      return;
    }
    lock.lock();
    try {
      if (!closed && !dropped) {
        dropped = true;
        reader.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }
}
