package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The api jar with an embedded database and agents as child processes, in a directory of its own.
 */
final class Platform implements AutoCloseable {
  private static final Duration START_TIME_MAX = Duration.ofMinutes(2);
  private static final Duration COMMAND_TIME_MAX = Duration.ofMinutes(2);
  static final String MODEL_KEY = "sk-e2e-key-that-nobody-else-has";

  final ModelServer model;
  final Path directory;
  final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> environment = new HashMap<>();
  private final Optional<String> heap;
  private ServerProcess api;

  /** How a command ended, and all it said. */
  record Ran(int exit, String output) {}

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
   * @param more for the api's environment
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

  /** Runs a command of the jar beside the server, with the server's environment. */
  Ran run(String... arguments) throws IOException, InterruptedException {
    Path log = directory.resolve("command.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Path.of("target", "api.jar").toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().keySet().retainAll(Set.of("PATH"));
    builder.environment().put("HOME", directory.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(COMMAND_TIME_MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the command did not end: " + Files.readString(log));
      }
      return new Ran(process.exitValue(), Files.readString(log));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Makes a bundle what new agents get, and returns the release's id. */
  String useRelease(Path bundle) throws IOException, InterruptedException {
    Ran added = run("release", "add", bundle.toString());
    assertEquals(0, added.exit(), added.output());
    String id =
        added.output().lines().filter(l -> l.startsWith("Added ")).findFirst().orElseThrow();
    id = id.substring("Added ".length(), id.indexOf(';'));
    Ran used = run("release", "use", id);
    assertEquals(0, used.exit(), used.output());
    return id;
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
    Path jar = Path.of("target", "api.jar").toAbsolutePath();
    return heap.map(flag ->
            ServerProcess.startJar(
                jar,
                environment,
                directory,
                List.of(flag, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")))
        .orElseGet(() -> ServerProcess.startJar(jar, environment, directory));
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
