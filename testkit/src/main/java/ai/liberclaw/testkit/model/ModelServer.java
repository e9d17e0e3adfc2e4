package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A model provider on loopback that does as it is told. It answers {@code POST
 * /v1/chat/completions} (OpenAI), {@code /v1/messages} (Anthropic) and {@code /api/chat} (Ollama),
 * each on its own wire, first from the queue, then by the responder, which unless replaced obeys
 * lines {@code /tool <name> <json>}. It is strict by default: an invalid history gets 400, takes no
 * answer from the queue, and is kept among {@link #violations}. {@code /v1/images/generations},
 * {@code /v1/embeddings}, LibertAI's {@code /search}, {@code /api/tags} and {@code /api/show} are
 * there too.
 *
 * <p>By hand: {@code java -cp testkit/target/classes:<libraries>
 * ai.liberclaw.testkit.model.ModelServer 9999}, then start an agent with {@code
 * LIBERTAI_API_BASE_URL=http://127.0.0.1:9999/v1} and any key.
 */
public final class ModelServer implements AutoCloseable {
  /** One transparent pixel. */
  private static final ModelAnswer PICTURE =
      ModelAnswer.completion(
          "{\"data\":[{\"b64_json\":\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4"
              + "2mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==\"}]}");

  private static final ModelAnswer EMBEDDING =
      ModelAnswer.completion(
          "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
              + "\"embedding\":[0.5,-0.25]}],\"model\":\"test-model\","
              + "\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}");

  private static final ModelAnswer SEARCH =
      ModelAnswer.completion(
          "{\"results\":[{\"title\":\"A page\",\"url\":\"https://page.example/\","
              + "\"snippet\":\"What it says\"}],\"meta\":{\"engines_used\":[\"google\"],"
              + "\"engines_failed\":[]}}");

  private final ServerSocket listener;
  private final Queue<ModelAnswer> queue = new ConcurrentLinkedQueue<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Function<ObjectNode, ModelAnswer> responder = ToolLines::answer;
  private volatile Function<ObjectNode, ModelAnswer> painter = _ -> PICTURE;
  private final OllamaModels installed = new OllamaModels();
  private volatile boolean strict = true;
  private volatile boolean forgetful;

  /**
   * A request as it came.
   *
   * @param headers names in lower case
   */
  public record Request(String path, Map<String, String> headers, ObjectNode body) {
    public JsonNode messages() {
      return body.path("messages");
    }

    public JsonNode lastMessage() {
      return messages().path(messages().size() - 1);
    }
  }

  private ModelServer(int port) throws IOException {
    listener = new ServerSocket(port, 256, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("model-server").start(this::accept);
  }

  /** On any free port. */
  public static ModelServer start() {
    return start(0);
  }

  public static ModelServer start(int port) {
    try {
      return new ModelServer(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Serves until the process is ended. The argument is the port, 9999 unless given. */
  public static void main(String[] args) throws InterruptedException {
    try (ModelServer server = start(args.length == 0 ? 9999 : Integer.parseInt(args[0]))) {
      System.out.println("model server on " + server.baseUrl());
      Thread.currentThread().join();
    }
  }

  /** Such as {@code http://127.0.0.1:4711/v1}. */
  public String baseUrl() {
    return "http://127.0.0.1:" + port() + "/v1";
  }

  /** Such as {@code http://127.0.0.1:4711}: the address of Ollama's and Anthropic's APIs. */
  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Answers for the next requests, in order. */
  public ModelServer enqueue(ModelAnswer... answers) {
    queue.addAll(List.of(answers));
    return this;
  }

  /** Answers every request that finds the queue empty; gets the request's body. */
  public ModelServer respond(Function<ObjectNode, ModelAnswer> newResponder) {
    responder = newResponder;
    return this;
  }

  /** Answers every request for a picture; gets the request's body. */
  public ModelServer paint(Function<ObjectNode, ModelAnswer> newPainter) {
    painter = newPainter;
    return this;
  }

  /**
   * Lets Ollama's API know a model; before the first one is installed, every model is there and can
   * do all.
   */
  public ModelServer install(String model, int contextTokens, String... capabilities) {
    installed.add(model, contextTokens, List.of(capabilities));
    return this;
  }

  /** Whether invalid histories are refused. */
  public ModelServer strict(boolean newStrict) {
    strict = newStrict;
    return this;
  }

  /** Keeps only the newest request, for a server that runs for long. */
  public ModelServer forgetful() {
    forgetful = true;
    return this;
  }

  /** All requests so far, also refused ones. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The newest request; there must be one. */
  public Request lastRequest() {
    return requests.getLast();
  }

  /** Why histories were refused. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /** Answers still in the queue. */
  public int queued() {
    return queue.size();
  }

  /** Connections accepted so far. */
  public int connections() {
    return accepted.get();
  }

  /** Connections that neither side has closed, as far as this side knows. */
  public int openConnections() {
    return open.size();
  }

  /** Stops listening and resets every connection. */
  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String callId() {
    return "call_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  ModelAnswer answer(String path, Map<String, String> headers, byte[] body) {
    if (path.equals("/api/tags")) {
      return ModelAnswer.completion(Json.write(installed.tags()));
    }
    ObjectNode json;
    try {
      if (!(Json.parse(body) instanceof ObjectNode object)) {
        return refused(path, "the body is not an object");
      }
      json = object;
    } catch (JsonException e) {
      return refused(path, "the body is not JSON");
    }
    if (path.equals("/api/show")) {
      return installed.show(json.path("model").asText());
    }
    if (path.endsWith("/images/generations")) {
      requests.add(new Request(path, Map.copyOf(headers), json));
      return painter.apply(json);
    }
    if (path.endsWith("/embeddings") || path.equals("/search")) {
      requests.add(new Request(path, Map.copyOf(headers), json));
      return path.equals("/search") ? SEARCH : EMBEDDING;
    }
    Optional<Dialect> dialect = Dialect.of(path);
    if (dialect.isEmpty()) {
      return ModelAnswer.error(404, "{\"error\":{\"message\":\"not found\"}}");
    }
    if (forgetful) {
      requests.clear();
    }
    requests.add(new Request(path, Map.copyOf(headers), json));
    if (dialect.get() == Dialect.OLLAMA) {
      Optional<ModelAnswer> cannot = installed.refusal(json);
      if (cannot.isPresent()) {
        return cannot.get();
      }
    }
    Optional<String> violation = strict ? dialect.get().violation(json) : Optional.empty();
    if (violation.isPresent()) {
      violations.add(violation.get());
      return refused(path, violation.get());
    }
    ModelAnswer next = queue.poll();
    return next == null ? responder.apply(json) : next;
  }

  private static ModelAnswer refused(String path, String why) {
    return ModelAnswer.error(400, Dialect.of(path).orElse(Dialect.OPENAI).error(why));
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        accepted.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().name("model-connection").start(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      new Connection(this, socket).serve();
    } catch (IOException | InterruptedException _) {
      // The client is gone, or the server was closed.
    } finally {
      open.remove(socket);
    }
  }
}
