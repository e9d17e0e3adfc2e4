package ai.liberclaw.agent.browser;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The Chrome DevTools Protocol over a pair of pipes ({@code --remote-debugging-pipe}): JSON
 * messages, each ended by a zero byte. Two platform threads serve one, because pipes block them.
 */
final class DevTools implements AutoCloseable {
  /** Of one message: a page's text, or a picture of it. */
  static final int MESSAGE_BYTES_MAX = 32 << 20;

  private static final Logger LOG = System.getLogger(DevTools.class.getName());
  private static final int OUTGOING_MAX = 256;
  private static final int BUFFER_BYTES = 64 * 1024;

  /** Tells the writer to close the pipe: no message is empty. */
  private static final byte[] END = new byte[0];

  /** Hears of events on the connection's own thread, and must not wait for anything. */
  interface Listener {
    /**
     * @param session empty: the browser's own
     */
    void heard(String session, String method, JsonNode params);
  }

  private final InputStream in;
  private final OutputStream out;
  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final BlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(OUTGOING_MAX);
  private volatile boolean lost;

  DevTools(InputStream in, OutputStream out) {
    this.in = in;
    this.out = out;
    Thread.ofPlatform().daemon().name("browser-reader").start(this::read);
    Thread.ofPlatform().daemon().name("browser-writer").start(this::write);
  }

  void listen(Listener listener) {
    listeners.add(listener);
  }

  void forget(Listener listener) {
    listeners.remove(listener);
  }

  boolean lost() {
    return lost;
  }

  /**
   * Sends a command and waits for its result.
   *
   * @param session empty: the browser's own
   */
  JsonNode call(String session, String method, ObjectNode params, Deadline deadline)
      throws BrowserFault, InterruptedException {
    int id = lastId.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    try {
      offer(message(id, session, method, params));
      if (lost) {
        throw BrowserFault.lost("the browser has ended");
      }
      JsonNode message = answer.get(deadline.left(), TimeUnit.NANOSECONDS);
      if (message.has("error")) {
        throw BrowserFault.of(message.path("error").path("message").asText("the browser refused"));
      }
      return message.path("result");
    } catch (TimeoutException _) {
      throw BrowserFault.lost("the browser did not answer in time");
    } catch (ExecutionException _) {
      throw BrowserFault.lost("the browser has ended");
    } finally {
      waiting.remove(id);
    }
  }

  /** Sends a command whose result is of no interest. */
  void post(String session, String method, ObjectNode params) {
    try {
      offer(message(lastId.incrementAndGet(), session, method, params));
    } catch (BrowserFault _) {
      // Whoever waits for something of this browser finds out.
      LOG.log(Level.DEBUG, "browser.command_lost method={0}", method);
    }
  }

  private static byte[] message(int id, String session, String method, ObjectNode params) {
    ObjectNode message = Json.object().put("id", id).put("method", method);
    message.set("params", params);
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    return Json.writeAscii(message).getBytes(StandardCharsets.US_ASCII);
  }

  private void offer(byte[] message) throws BrowserFault {
    if (!outgoing.offer(message)) {
      throw BrowserFault.lost("the browser does not read its commands");
    }
  }

  private void write() {
    try (out) {
      for (byte[] next = outgoing.take(); next.length > 0; next = outgoing.take()) {
        out.write(next);
        out.write(0);
        out.flush();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "browser.pipe_broken", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void read() {
    try (InputStream from = new BufferedInputStream(in, BUFFER_BYTES)) {
      ByteArrayOutputStream message = new ByteArrayOutputStream();
      for (int next = from.read(); next >= 0; next = from.read()) {
        if (next != 0) {
          message.write(next);
          if (message.size() > MESSAGE_BYTES_MAX) {
            throw new IOException("a message over " + MESSAGE_BYTES_MAX + " bytes");
          }
          continue;
        }
        heard(Json.parse(message.toByteArray()));
        message = message.size() > BUFFER_BYTES ? new ByteArrayOutputStream() : emptied(message);
      }
    } catch (IOException | JsonException e) {
      LOG.log(Level.WARNING, "browser.connection_failed", e);
    } finally {
      end();
    }
  }

  private static ByteArrayOutputStream emptied(ByteArrayOutputStream message) {
    message.reset();
    return message;
  }

  private void heard(JsonNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> answer = waiting.remove(message.path("id").intValue());
      if (answer != null) {
        answer.complete(message);
      }
      return;
    }
    String session = message.path("sessionId").asText("");
    String method = message.path("method").asText("");
    listeners.forEach(listener -> listener.heard(session, method, message.path("params")));
  }

  private void end() {
    lost = true;
    waiting
        .values()
        .forEach(answer -> answer.completeExceptionally(new IOException("the browser has ended")));
  }

  /** Closes the pipe once what was sent is written, which ends Chromium. */
  @Override
  public void close() {
    lost = true;
    if (!outgoing.offer(END)) {
      LOG.log(Level.DEBUG, "browser.pipe_full");
    }
  }
}
