package ai.liberclaw.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One server started with {@code java -jar}, with exactly the given environment and its output in a
 * file.
 */
public final class ServerProcess implements AutoCloseable {
  private static final List<String> FLAGS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final Duration STOP_TIME_MAX = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a jar on the Java that runs the test.
   *
   * @param environment all it gets beside {@code PATH} and {@code HOME}
   * @param directory its working directory, where its output goes to {@code server.log}
   */
  public static ServerProcess startJar(Path jar, Map<String, String> environment, Path directory) {
    return startJar(jar, environment, directory, FLAGS);
  }

  /**
   * As {@link #startJar(Path, Map, Path)} with these flags for Java.
   *
   * @param flags instead of the ones that suit tests
   */
  public static ServerProcess startJar(
      Path jar, Map<String, String> environment, Path directory, List<String> flags) {
    try {
      Files.createDirectories(directory);
      Path log = directory.resolve("server.log");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(flags);
      command.addAll(List.of("-jar", jar.toAbsolutePath().toString()));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      Map<String, String> env = builder.environment();
      String path = env.getOrDefault("PATH", "/usr/bin:/bin");
      env.clear();
      env.put("PATH", path);
      env.put("HOME", directory.toString());
      env.putAll(environment);
      return new ServerProcess(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A TCP port on loopback that was free a moment ago. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it like a power cut: SIGKILL to the process itself, to none of its children. */
  public void kill() {
    process.destroyForcibly();
    await(STOP_TIME_MAX);
  }

  /** SIGTERM, as a service manager or Ctrl-C would. Returns its exit status. */
  public int terminate() {
    return terminate(STOP_TIME_MAX);
  }

  /** As {@link #terminate()}, for one that has something to do before it ends. */
  public int terminate(Duration timeMax) {
    process.destroy();
    await(timeMax);
    return process.exitValue();
  }

  /** All it has printed so far. */
  public String log() {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it for certain. */
  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroy();
      try {
        if (!process.waitFor(STOP_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          process.waitFor();
        }
      } catch (InterruptedException _) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  private void await(Duration timeMax) {
    try {
      if (!process.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("process " + pid() + " did not end within " + timeMax);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for process " + pid(), e);
    }
  }
}
