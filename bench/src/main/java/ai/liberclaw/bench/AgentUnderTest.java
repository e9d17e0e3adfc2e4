package ai.liberclaw.bench;

import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.ServerProcess;
import ai.liberclaw.testkit.sse.RawSse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The packaged agent as a process, with the flags a deployed one has. */
final class AgentUnderTest implements AutoCloseable {
  /** The flags of an agent that a deployer starts, but for the heap's bounds. */
  static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseCompactObjectHeaders",
          "-Xms24m",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--enable-native-access=ALL-UNNAMED");

  private static final String SECRET = "bench-secret-0123456789abcdef";
  private static final Duration START_MAX = Duration.ofMinutes(2);

  private final ServerProcess process;
  private final int port;
  private final double startMs;

  private AgentUnderTest(ServerProcess process, int port, double startMs) {
    this.process = process;
    this.port = port;
    this.startMs = startMs;
  }

  /**
   * Starts it and waits for its first healthy answer.
   *
   * @param modelUrl of an OpenAI-compatible API; empty for the offline model
   */
  static AgentUnderTest start(Path jar, Path home, String modelUrl, List<String> moreFlags)
      throws IOException {
    int port = ServerProcess.freePort();
    Files.createDirectories(home);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("AGENT_SECRET", SECRET);
    environment.put("PORT", Integer.toString(port));
    environment.put("DB_PATH", home.resolve("agent.db").toString());
    environment.put("WORKSPACE_PATH", home.resolve("workspace").toString());
    environment.put("HEARTBEAT_INTERVAL", "0");
    environment.put("MAX_TOOL_ITERATIONS", "10000");
    environment.put("INFERENCE_RETRY_BASE_MS", "50");
    if (modelUrl.isEmpty()) {
      environment.put("MODEL_PROVIDER", "offline");
    } else {
      environment.put("LIBERTAI_API_BASE_URL", modelUrl);
      environment.put("LIBERTAI_API_KEY", "bench-key-0123456789");
    }
    List<String> flags = new java.util.ArrayList<>(FLAGS);
    flags.addAll(moreFlags);
    long begun = System.nanoTime();
    ServerProcess process = ServerProcess.startJar(jar, environment, home, flags);
    try {
      URI health = URI.create("http://127.0.0.1:" + port + "/health");
      Await.until(
          "the agent answers",
          START_MAX,
          () -> {
            try (RawSse answer = RawSse.get(health, Map.of())) {
              return answer.status() == 200;
            }
          });
    } catch (AssertionError e) {
      process.close();
      throw new IOException(process.log(), e);
    }
    return new AgentUnderTest(process, port, (System.nanoTime() - begun) / 1e6);
  }

  double startMs() {
    return startMs;
  }

  long pid() {
    return process.pid();
  }

  void kill() {
    process.kill();
  }

  int terminate() {
    // One that records a class cache writes it at its end.
    return process.terminate(START_MAX);
  }

  /** Sends a message and leaves the stream to the caller. */
  RawSse send(String chatId, String message, boolean deltas) throws IOException {
    String body =
        String.format(
            Locale.ROOT,
            "{\"chat_id\":\"%s\",\"message\":\"%s\",\"deltas\":%s}",
            chatId,
            message.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"),
            deltas);
    return RawSse.post(uri("/chat"), headers(), body);
  }

  /** Everything above a number. */
  RawSse resume(String chatId, long after) throws IOException {
    return RawSse.get(
        uri("/chat/" + chatId + "/stream?after=" + after + "&deltas=false"), headers());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static Map<String, String> headers() {
    return Map.of("Authorization", "Bearer " + SECRET);
  }

  @Override
  public void close() {
    process.close();
  }
}
