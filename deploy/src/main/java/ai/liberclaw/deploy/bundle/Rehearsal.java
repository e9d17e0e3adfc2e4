package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.BundleException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An agent with a model that always says the same, and what its first minutes bring. */
final class Rehearsal implements AutoCloseable {
  private static final Duration START_TIME_MAX = Duration.ofMinutes(5);
  private static final Duration REQUEST_TIME_MAX = Duration.ofMinutes(1);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int CHATS = 3;

  private static final String ANSWER =
      """
      data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"}}]}

      data: {"choices":[{"index":0,"delta":{"content":", world."},"finish_reason":"stop"}]}

      data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3}}

      data: [DONE]

      """;

  private final HttpServer model;
  private final Process agent;
  private final Path home;
  private final URI address;
  private final String secret;
  private final HttpClient client = HttpClient.newHttpClient();

  private Rehearsal(HttpServer model, Process agent, Path home, URI address, String secret) {
    this.model = model;
    this.agent = agent;
    this.home = home;
    this.address = address;
    this.secret = secret;
  }

  static Rehearsal start(List<String> command) throws IOException {
    Path home = Files.createTempDirectory("liberclaw-rehearsal-");
    HttpServer model =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    model.createContext("/", Rehearsal::answer);
    model.start();
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String secret = UUID.randomUUID().toString();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile());
    String path = System.getenv("PATH");
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.ofEntries(
                Map.entry("PATH", path == null ? "/usr/bin:/bin" : path),
                Map.entry("LANG", "C.UTF-8"),
                Map.entry("HOME", home.toString()),
                Map.entry("AGENT_SECRET", secret),
                Map.entry("PORT", Integer.toString(port)),
                Map.entry("DB_PATH", home.resolve("agent.db").toString()),
                Map.entry("WORKSPACE_PATH", home.resolve("workspace").toString()),
                Map.entry("HEARTBEAT_INTERVAL", "0"),
                Map.entry("SHUTDOWN_GRACE", "0"),
                Map.entry("LIBERTAI_API_KEY", secret),
                Map.entry(
                    "LIBERTAI_API_BASE_URL",
                    "http://127.0.0.1:" + model.getAddress().getPort() + "/v1")));
    return new Rehearsal(
        model, builder.start(), home, URI.create("http://127.0.0.1:" + port), secret);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Waits until it answers, then lets it do what agents do most. */
  void play() throws IOException, InterruptedException {
    long end = System.nanoTime() + START_TIME_MAX.toNanos();
    while (!answers()) {
      if (!agent.isAlive() || System.nanoTime() > end) {
        throw new BundleException("The agent did not start: " + log());
      }
      Thread.sleep(POLL);
    }
    for (int i = 0; i < CHATS; i++) {
      String chat =
          send(
              "POST", "/chat", "{\"chat_id\":\"rehearsal\",\"message\":\"Hello\",\"deltas\":true}");
      if (!chat.contains("world")) {
        throw new BundleException("The agent did not answer as it should: " + log());
      }
    }
    send("GET", "/info", "");
    send("GET", "/chat/rehearsal/history?limit=50", "");
    send("GET", "/workspace/tree", "");
    send("DELETE", "/chat/rehearsal", "");
  }

  /** Ends it as its deployer does, and waits for that. */
  void stop(Duration timeMax) throws IOException, InterruptedException {
    agent.destroy();
    if (!agent.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new BundleException("The agent did not end: " + log());
    }
  }

  private boolean answers() throws InterruptedException {
    try {
      send("GET", "/health", "");
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private String send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(REQUEST_TIME_MAX)
            .header("Authorization", "Bearer " + secret)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private String log() throws IOException {
    return Files.readString(home.resolve("log")).strip();
  }

  @Override
  public void close() throws IOException {
    agent.destroyForcibly();
    model.stop(0);
    client.close();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
