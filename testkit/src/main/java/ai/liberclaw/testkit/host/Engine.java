package ai.liberclaw.testkit.host;

import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Podman's API, compatible with Docker's, on a Unix socket of its own. It shares images and
 * containers with everything else on this machine: {@link #sweep} what you made.
 */
public final class Engine implements AutoCloseable {
  private static final Duration START_TIME_MAX = Duration.ofSeconds(30);
  private static final Duration STOP_TIME_MAX = Duration.ofSeconds(20);

  private final Podman podman;
  private final Path folder;
  private Process process;

  private Engine(Podman podman, Path folder) throws IOException {
    this.podman = podman;
    this.folder = folder;
    this.process = serve();
  }

  /** Starts it, and returns when it accepts connections. */
  public static Engine start() {
    try {
      Path folder = Files.createTempDirectory("liberclaw-engine");
      Engine engine = new Engine(Podman.configured(), folder);
      try {
        engine.awaitUp();
        return engine;
      } catch (AssertionError e) {
        engine.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Such as {@code /tmp/liberclaw-engine123/engine.sock}; mode 0600, root's. */
  public Path socket() {
    return folder.resolve("engine.sock");
  }

  /** Runs Podman's command line on the same containers; it must succeed. Returns its output. */
  public String podman(String... arguments) {
    return podman.check(arguments);
  }

  /** As {@link #podman}, for commands that may fail. */
  public Output tryPodman(String... arguments) {
    return podman.run(new byte[0], Podman.COMMAND_TIME_MAX, List.of(arguments));
  }

  /**
   * The name of an image with a small Debian that has a shell, made when there is none. It is the
   * one hosts are made of.
   */
  public String debianImage() {
    return new DebianImage(podman, List.of()).ensure();
  }

  /** Kills the engine: its clients' connections break; containers live on. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** After {@link #kill}, on the same socket. */
  public void startAgain() {
    try {
      Files.deleteIfExists(socket());
      process = serve();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitUp();
  }

  /**
   * Removes all containers, volumes and networks with a label.
   *
   * @param label {@code name=value}
   */
  public void sweep(String label) {
    each(List.of("ps", "-aq", "--filter", "label=" + label), "rm", "-f", "-v", "-t", "0");
    each(List.of("volume", "ls", "-q", "--filter", "label=" + label), "volume", "rm", "-f");
    each(List.of("network", "ls", "-q", "--filter", "label=" + label), "network", "rm", "-f");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(socket());
      Files.deleteIfExists(folder.resolve("engine.log"));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private Process serve() throws IOException {
    return podman
        .builder(List.of("podman", "system", "service", "--time=0", "unix://" + socket()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("engine.log").toFile()))
        .start();
  }

  private void awaitUp() {
    Await.until("the container engine accepts connections", START_TIME_MAX, this::accepts);
  }

  private boolean accepts() throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket()));
    }
  }

  private void each(List<String> listing, String... removal) {
    for (String id : podman.check(listing.toArray(String[]::new)).lines().toList()) {
      String[] command = java.util.Arrays.copyOf(removal, removal.length + 1);
      command[removal.length] = id;
      tryPodman(command);
    }
  }
}
