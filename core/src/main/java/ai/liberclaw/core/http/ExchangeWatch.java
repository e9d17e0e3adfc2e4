package ai.liberclaw.core.http;

import ai.liberclaw.core.http.FetchException.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Holds the one socket of a request and closes it when the deadline comes, which frees whoever is
 * blocked on it. Closing the watch closes the socket too.
 */
final class ExchangeWatch implements AutoCloseable {
  private final Duration deadline;
  private final long endNanos;
  private final CountDownLatch finished = new CountDownLatch(1);
  private final AtomicReference<@Nullable Socket> socket = new AtomicReference<>();
  private volatile boolean closed;
  private volatile boolean expired;

  private ExchangeWatch(Duration deadline) {
    this.deadline = deadline;
    this.endNanos = System.nanoTime() + deadline.toNanos();
  }

  static ExchangeWatch start(Duration deadline) {
    ExchangeWatch watch = new ExchangeWatch(deadline);
    Thread.ofVirtual().name("fetch-deadline").start(watch::waitForDeadline);
    return watch;
  }

  /** The request goes on over this socket; an earlier one is closed. */
  void socket(Socket next) {
    replace(next);
    if (closed) { // it may have been between the two lines
      replace(null);
    }
  }

  /** Never zero or negative: what waits for so long just fails at once. */
  Duration remaining() {
    return Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
  }

  /** Between two hops: there is no socket until the next one connects. */
  void hopEnded() {
    replace(null);
  }

  /**
   * What a failure means to the caller.
   *
   * @throws InterruptedException when this thread was interrupted, which closed the socket
   */
  FetchException explain(Exception failure) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (expired || endNanos - System.nanoTime() <= 0) {
      return new FetchException(
          Reason.DEADLINE, "no complete answer within " + deadline.toSeconds() + " s", failure);
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case FetchException known -> {
          return known;
        }
        case SSLException e -> {
          return new FetchException(Reason.TLS, "no trusted TLS connection", failure);
        }
        case Http1Exchange.NoConnection _ -> {
          return new FetchException(Reason.UNREACHABLE, "no connection", failure);
        }
        case SocketException _ -> {
          return new FetchException(Reason.UNREACHABLE, "connection lost", failure);
        }
        default -> {
          // Look further down.
        }
      }
    }
    return new FetchException(Reason.PROTOCOL, "answer is not valid HTTP", failure);
  }

  /** As {@link #explain}, for streams: the interruption stays pending. */
  IOException explainToReader(Exception failure) {
    try {
      return explain(failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    finished.countDown();
    closed = true;
    replace(null);
  }

  private void waitForDeadline() {
    try {
      if (finished.await(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; ending the request is the safe way out.
    }
    expired = true;
    closed = true;
    replace(null);
  }

  private void replace(@Nullable Socket next) {
    Socket unused = socket.getAndSet(next);
    if (unused != null) {
      try {
        unused.close();
      } catch (IOException e) {
        // It is closed all the same.
      }
    }
  }
}
