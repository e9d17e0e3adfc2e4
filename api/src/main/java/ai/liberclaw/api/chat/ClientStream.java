package ai.liberclaw.api.chat;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The events that go to one client. Several threads may write; once it is ended or broken, nothing
 * is written any more and every write says so. The thread that opens it is interrupted when the
 * client is gone.
 */
final class ClientStream {
  private static final Duration RESTART_WAIT_MAX = Duration.ofSeconds(2);

  private final OutputStream body;
  private final SseWriter writer;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean ended;
  private boolean doneLast;
  private volatile boolean broken;

  /** Commits the answer to status 200; its head leaves with the first event. */
  ClientStream(Exchange exchange, RelayLimits limits) {
    this.body = exchange.eventStream();
    this.writer = new SseWriter(exchange.streams(), body, limits.keepalive(), limits.stallMax());
  }

  /**
   * One event of the agent.
   *
   * @param id its number; null for none
   * @param type as {@link EventType} read it
   * @return false when nobody reads any more
   */
  boolean forward(@Nullable String id, byte[] json, int length, String type) {
    return write(() -> {
      if (id == null) {
        writer.event(json, 0, length);
      } else {
        writer.event(id, json, 0, length);
      }
      if (!type.equals(EventType.KEEPALIVE)) {
        doneLast = type.equals(EventType.DONE);
      }
    });
  }

  boolean send(ObjectNode event) {
    return write(() -> writer.event(Json.writeAscii(event)));
  }

  boolean keepalive() {
    return write(writer::keepalive);
  }

  /** An error that ends a turn, and its {@code done}. */
  boolean fail(ObjectNode error) {
    return write(() -> {
      writer.event(Json.writeAscii(error));
      writer.event(Json.writeAscii(Json.object().put("type", EventType.DONE)));
      doneLast = true;
    });
  }

  /** True when the last event, keepalives aside, was a {@code done}. */
  boolean isDoneLast() {
    lock.lock();
    try {
      return doneLast;
    } finally {
      lock.unlock();
    }
  }

  /** Tells the client that the server restarts, and ends the stream. */
  void restart(boolean evenAfterDone) {
    try {
      // A client that stalls now is not waited for.
      if (!lock.tryLock(RESTART_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      if (evenAfterDone || !doneLast) {
        fail(ChatErrors.restarting());
      }
      ended = true;
    } finally {
      lock.unlock();
    }
  }

  /** True once a write failed. */
  boolean isBroken() {
    return broken || writer.isGone();
  }

  /** Ends the answer properly; called by the thread that opened it. */
  void close() throws IOException {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
    writer.close();
    body.close();
  }

  private boolean write(Write write) {
    lock.lock();
    try {
      if (ended || isBroken()) {
        return false;
      }
      write.run();
      return true;
    } catch (IOException | UncheckedIOException | ServerConnectionException _) {
      broken = true;
      writer.close();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private interface Write {
    void run() throws IOException;
  }
}
