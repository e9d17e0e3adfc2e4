package ai.liberclaw.agent;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent in a process of its own, which a test can kill. */
public final class ChildAgent implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("agent\\.started host=\\S+ port=(\\d+)");

  private final Process process;
  private final int port;
  private final Path log;

  private ChildAgent(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  public static ChildAgent start(Path folder) throws Exception {
    return start(folder, Map.of());
  }

  public static ChildAgent start(Path folder, Map<String, String> variables) throws Exception {
    Files.createDirectories(folder);
    Path log = Files.createTempFile(folder, "agent", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName()))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().clear();
    Map<String, String> environment = new HashMap<>(TestAgent.environment(folder));
    environment.putAll(variables);
    builder.environment().putAll(environment);
    Process process = builder.start();
    int[] port = new int[1];
    Await.until(
        "the agent listens",
        TestAgent.WAIT_MAX,
        () -> {
          Matcher started = STARTED.matcher(Files.readString(log));
          if (started.find()) {
            port[0] = Integer.parseInt(started.group(1));
          } else if (!process.isAlive()) {
            throw new AssertionError("the agent ended: " + Files.readString(log));
          }
          return port[0] > 0;
        });
    return new ChildAgent(process, port[0], log);
  }

  public RawResponse request(String method, String path, String body) throws IOException {
    return TestAgent.request(port, method, path, body);
  }

  public RawResponse say(String chatId, String message) throws IOException {
    return request("POST", "/chat", Json.write(TestAgent.message(chatId, message)));
  }

  public RawResponse stream(String chatId, String query) throws IOException {
    return request("GET", TestAgent.path(chatId) + "/stream" + query, "");
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  /** All it has printed so far. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Ends it as a service manager would; returns its exit status. */
  public int terminate() throws InterruptedException {
    process.destroy();
    return process.waitFor();
  }

  /** Ends it as a power cut would. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
