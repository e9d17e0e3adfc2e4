package ai.liberclaw.testkit.browser;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/** One connection that speaks the Chrome DevTools Protocol. */
final class DevTools implements AutoCloseable {
  /** Longer than any command takes on a busy machine. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final ReentrantLock sending = new ReentrantLock();
  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
  private final List<BiConsumer<String, JsonNode>> listeners = new CopyOnWriteArrayList<>();

  DevTools(URI address) {
    socket = await(client.newWebSocketBuilder().buildAsync(address, new Messages()), "connect");
  }

  /** Hears of all events, by session and whole message, on the connection's own thread. */
  void listen(BiConsumer<String, JsonNode> listener) {
    listeners.add(listener);
  }

  /**
   * Sends a command and waits for its result.
   *
   * @param session the page it is for; absent: the browser
   * @throws AssertionError when it fails
   */
  JsonNode call(Optional<String> session, String method, ObjectNode parameters) {
    int id = lastId.incrementAndGet();
    ObjectNode message = Json.object().put("id", id).put("method", method);
    message.set("params", parameters);
    session.ifPresent(name -> message.put("sessionId", name));
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    open.put(id, answer);
    sending.lock();
    try {
      await(socket.sendText(Json.write(message), true), method);
    } finally {
      sending.unlock();
    }
    JsonNode result = await(answer, method);
    if (result.has("error")) {
      throw new AssertionError(method + ": " + result.path("error"));
    }
    return result.path("result");
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }

  private static <T> T await(CompletableFuture<T> future, String what) {
    try {
      return future.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the browser does not answer: " + what, e);
    } catch (ExecutionException e) {
      throw new AssertionError("the browser is gone: " + what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + what, e);
    }
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonNode message = Json.parse(text.toString());
        text.setLength(0);
        heard(message);
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      open.values().forEach(answer -> answer.completeExceptionally(error));
    }

    private void heard(JsonNode message) {
      if (message.has("id")) {
        CompletableFuture<JsonNode> answer = open.remove(message.path("id").intValue());
        if (answer != null) {
          answer.complete(message);
        }
        return;
      }
      String session = message.path("sessionId").asText("");
      listeners.forEach(listener -> listener.accept(session, message));
    }
  }
}
