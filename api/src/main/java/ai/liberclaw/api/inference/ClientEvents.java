package ai.liberclaw.api.inference;

import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The stream that one caller gets. It begins with the service's first event, or with a comment when
 * the service thinks for long; only until then can the answer be an error with a status. The thread
 * that makes it is interrupted when the caller is gone.
 */
final class ClientEvents implements AutoCloseable {
  private final Exchange exchange;
  private final InferenceLimits limits;
  private final Thread owner = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch decided = new CountDownLatch(1);
  private @Nullable OutputStream body;
  private @Nullable SseWriter writer;
  private boolean refused;

  ClientEvents(Exchange exchange, InferenceLimits limits) {
    this.exchange = exchange;
    this.limits = limits;
  }

  /** From now on the caller is not left without a sign of life for long. */
  void beginBeforeLong() {
    Thread.ofVirtual()
        .name("inference-head")
        .start(() -> {
          try {
            if (!decided.await(limits.headWait().toNanos(), TimeUnit.NANOSECONDS)) {
              beginEarly();
            }
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          } catch (IOException | UncheckedIOException | ServerConnectionException _) {
            owner.interrupt();
          }
        });
  }

  private void beginEarly() throws IOException {
    SseWriter begun = begin();
    if (begun != null) {
      begun.keepalive();
    }
  }

  /** The writer; null when the caller was refused. */
  private @Nullable SseWriter begin() {
    lock.lock();
    try {
      if (writer == null && !refused) {
        body = exchange.eventStream();
        writer =
            new SseWriter(
                exchange.streams(),
                body,
                SseWriter.Silence.PING,
                limits.keepalive(),
                limits.stallMax(),
                owner);
        decided.countDown();
      }
      return writer;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Decides against a stream.
   *
   * @return false when it has begun
   */
  boolean refuse() {
    lock.lock();
    try {
      if (writer != null) {
        return false;
      }
      refused = true;
      decided.countDown();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Passes whole events on.
   *
   * @throws CloseConnectionException when the caller is gone
   */
  void write(byte[] bytes, int from, int to) {
    if (to == from) {
      return;
    }
    SseWriter out = begin();
    if (out == null) {
      throw new IllegalStateException("refused");
    }
    try {
      out.events(bytes, from, to - from);
    } catch (IOException | UncheckedIOException | ServerConnectionException e) {
      throw gone(e);
    }
  }

  private static CloseConnectionException gone(Exception e) {
    // The thread goes on to close the connection, which an interrupt would disturb.
    boolean _ = Thread.interrupted();
    return new CloseConnectionException("client gone", e);
  }

  /** True once nobody reads any more. */
  boolean isGone() {
    lock.lock();
    try {
      return writer != null && writer.isGone();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the answer properly. */
  void end() {
    SseWriter out = begin();
    OutputStream stream = body;
    if (out != null && stream != null) {
      out.close();
      try {
        stream.close();
      } catch (IOException | UncheckedIOException | ServerConnectionException e) {
        throw gone(e);
      }
    }
  }

  /** Ends what runs beside the stream; the answer stays as it is. */
  @Override
  public void close() {
    boolean _ = refuse();
    lock.lock();
    try {
      if (writer != null) {
        writer.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
