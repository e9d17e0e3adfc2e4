package ai.liberclaw.api.e2e;

import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelServer;
import ai.liberclaw.testkit.process.Processes;
import ai.liberclaw.testkit.process.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The api jar with an embedded database and agents as child processes, in a directory of its own.
 */
final class Platform implements AutoCloseable {
  private static final Duration START_TIME_MAX = Duration.ofSeconds(60);
  private static final Duration COMMAND_TIME_MAX = Duration.ofSeconds(60);
  private static final Path JAR = Path.of("target", "api.jar").toAbsolutePath();
  static final String MODEL_KEY = "sk-e2e-key-that-nobody-else-has";

  final ModelServer model;
  final Path directory;
  final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> environment = new HashMap<>();
  private final Optional<String> heap;
  private ServerProcess api;

  private Platform(
      ModelServer model, Path directory, Optional<String> heap, Map<String, String> more) {
    this.model = model;
    this.heap = heap;
    this.directory = directory;
    environment.put("PORT", Integer.toString(ServerProcess.freePort()));
    environment.put("LIBERCLAW_DEV_MODE", "true");
    environment.put("LIBERCLAW_DATABASE_URL", "embedded:" + directory.resolve("postgres"));
    environment.put("LIBERCLAW_DATA_DIR", directory.resolve("data").toString());
    environment.put("LIBERCLAW_GUEST_MAX_AGENTS", "5");
    environment.put("LIBERCLAW_GUEST_DAILY_MESSAGES", "1000");
    environment.put("LIBERCLAW_THROTTLE_MULTIPLIER", "1000");
    environment.put("LIBERTAI_API_KEY", MODEL_KEY);
    environment.put("LIBERCLAW_LIBERTAI_API_BASE_URL", model.baseUrl());
    environment.putAll(more);
    api = launch();
  }

  static Platform start() throws IOException {
    return start(Optional.empty(), Map.of());
  }

  /**
   * @param more settings beside the usual ones, or instead of them
   */
  static Platform start(Map<String, String> more) throws IOException {
    return start(Optional.empty(), more);
  }

  /**
   * @param heap the api's, as a flag for Java
   */
  static Platform start(String heap) throws IOException {
    return start(Optional.of(heap), Map.of());
  }

  private static Platform start(Optional<String> heap, Map<String, String> more)
      throws IOException {
    Platform platform =
        new Platform(ModelServer.start(), Files.createTempDirectory("liberclaw-e2e-"), heap, more);
    try {
      platform.awaitHealthy();
    } catch (AssertionError e) {
      platform.close();
      throw e;
    }
    return platform;
  }

  /**
   * How a command of the jar ended.
   *
   * @param text all it printed
   */
  record Said(int status, String text) {}

  /** An operator's command, beside the server that runs: {@code java -jar api.jar <words>}. */
  Said command(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString()));
    command.addAll(List.of(words));
    Path printed = directory.resolve("command.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("PATH", "/usr/bin:/bin");
    Process process = builder.start();
    try {
      if (!process.waitFor(COMMAND_TIME_MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("not in time: " + List.of(words));
      }
      return new Said(process.exitValue(), Files.readString(printed));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Like a power cut of the api alone: its agents and its database live on. */
  void killApi() {
    api.kill();
  }

  void startApi() {
    api = launch();
    awaitHealthy();
  }

  /** SIGTERM; returns the exit status. */
  int stopApi() {
    return api.terminate();
  }

  ServerProcess api() {
    return api;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + environment.get("PORT") + "/api/v1" + path);
  }

  /** Processes that belong to this platform, the api itself included. */
  List<Long> processes() {
    return Processes.mentioning(directory.toString());
  }

  /** The processes of one agent, without the commands it runs. */
  static List<Long> agentProcesses(String agent) {
    return Processes.mentioning(agent).stream()
        .filter(pid -> Processes.arguments(pid).contains("agent.jar"))
        .toList();
  }

  private ServerProcess launch() {
    return heap.map(flag ->
            ServerProcess.startJar(
                JAR,
                environment,
                directory,
                List.of(flag, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")))
        .orElseGet(() -> ServerProcess.startJar(JAR, environment, directory));
  }

  private void awaitHealthy() {
    HttpRequest ready =
        HttpRequest.newBuilder(uri("/health/ready")).timeout(Duration.ofSeconds(5)).build();
    Await.until(
        "the api is ready or has ended",
        START_TIME_MAX,
        () ->
            !api.isAlive()
                || http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
    if (!api.isAlive()) {
      throw new AssertionError("the api did not start:\n" + api.log());
    }
  }

  @Override
  public void close() throws IOException {
    api.close();
    model.close();
    // A test that failed half-way may leave the agents of a killed api behind.
    for (long pid : processes()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
