package ai.liberclaw.api.files;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts the thread that made it when nothing has passed for a while: neither a client that
 * stops reading nor one that stops sending is noticed by the server.
 */
final class StallWatch implements AutoCloseable {
  private final Duration limit;
  private final Thread watched = Thread.currentThread();
  private final AtomicLong pieces = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private boolean interrupted;

  StallWatch(Duration limit) {
    this.limit = limit;
    Thread _ = Thread.ofVirtual().name("file-stall-watch").start(this::watch);
  }

  /** Something has passed. */
  void passed() {
    pieces.incrementAndGet();
  }

  private void watch() {
    long seen = -1;
    try {
      while (!done.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        long now = pieces.get();
        if (now == seen) {
          interrupt();
          return;
        }
        seen = now;
      }
    } catch (InterruptedException _) {
      // Nobody interrupts this thread.
    }
  }

  private void interrupt() {
    lock.lock();
    try {
      if (done.getCount() > 0) {
        interrupted = true;
        watched.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the watch; called by the thread that it watches, which goes on as one not interrupted. */
  @Override
  public void close() {
    lock.lock();
    try {
      done.countDown();
      if (interrupted) {
        boolean _ = Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
  }
}
