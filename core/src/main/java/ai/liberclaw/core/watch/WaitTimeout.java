package ai.liberclaw.core.watch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Bounds each of the waits of one thread at a time. */
public final class WaitTimeout implements AutoCloseable {
  /** What may take too long. */
  @FunctionalInterface
  public interface Wait<T, E extends Exception> {
    T run() throws E;
  }

  private final WaitTimeouts timeouts;
  private final long maxNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread waiting;
  private long since;
  private boolean expired;

  WaitTimeout(WaitTimeouts timeouts, Duration max) {
    this.timeouts = timeouts;
    this.maxNanos = max.toNanos();
  }

  /**
   * Runs it, and interrupts the calling thread when it takes too long. What follows does not find
   * that interrupt.
   */
  public <T, E extends Exception> T within(Wait<T, E> wait) throws E {
    begin();
    try {
      return wait.run();
    } finally {
      end();
    }
  }

  /** Whether a wait took too long. */
  public boolean expired() {
    lock.lock();
    try {
      return expired;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The same stream, with each read bounded.
   *
   * @param in whose reads an interrupt frees
   * @return reads throw {@link SocketTimeoutException} when they take too long
   */
  public InputStream bound(InputStream in) {
    return new BoundStream(in);
  }

  @Override
  public void close() {
    timeouts.remove(this);
  }

  private void begin() {
    lock.lock();
    try {
      since = System.nanoTime();
      waiting = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      if (waiting == null) {
        boolean _ = Thread.interrupted();
      }
      waiting = null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Interrupts whoever waits for too long.
   *
   * @return nanoseconds after which it wants to be looked at again
   */
  long look() {
    lock.lock();
    try {
      Thread thread = waiting;
      if (thread == null) {
        return maxNanos;
      }
      long left = maxNanos - (System.nanoTime() - since);
      if (left > 0) {
        return left;
      }
      expired = true;
      waiting = null;
      thread.interrupt();
      return maxNanos;
    } finally {
      lock.unlock();
    }
  }

  private final class BoundStream extends FilterInputStream {
    BoundStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) <= 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      begin();
      try {
        return in.read(to, offset, length);
      } catch (IOException | RuntimeException e) {
        if (!expired()) {
          throw e;
        }
        SocketTimeoutException timeout = new SocketTimeoutException("Read timed out");
        timeout.initCause(e);
        throw timeout;
      } finally {
        end();
      }
    }
  }
}
