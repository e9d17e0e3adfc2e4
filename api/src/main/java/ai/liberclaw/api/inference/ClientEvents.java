package ai.liberclaw.api.inference;

import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
  private final StreamHeads heads;
  private final Thread owner = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable OutputStream body;
  private @Nullable SseWriter writer;
  private boolean refused;
  private boolean closed;
  private volatile long waitingSince;

  ClientEvents(Exchange exchange, InferenceLimits limits, StreamHeads heads) {
    this.exchange = exchange;
    this.limits = limits;
    this.heads = heads;
  }

  /** From now on the caller is not left without a sign of life for long. */
  void beginBeforeLong() {
    waitingSince = System.nanoTime();
    heads.add(this);
  }

  /** How long the caller has waited for a decision. */
  long ageNanos() {
    return System.nanoTime() - waitingSince;
  }

  /** Begins with a comment, unless it is decided by now. */
  void beginEarly() {
    try {
      SseWriter begun = begin();
      if (begun != null) {
        begun.keepalive();
      }
    } catch (IOException | UncheckedIOException | ServerConnectionException _) {
      interruptOwner();
    }
  }

  private void interruptOwner() {
    lock.lock();
    try {
      // After its end the thread serves others.
      if (!closed) {
        owner.interrupt();
      }
    } finally {
      lock.unlock();
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
        heads.remove(this);
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
      heads.remove(this);
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
      closed = true;
      if (writer != null) {
        writer.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
