package ai.liberclaw.testkit.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Podman's command line, configured so that it also works inside virtual machines and CI. */
final class Podman {
  static final Duration COMMAND_TIME_MAX = Duration.ofMinutes(2);

  /** Owned by root, so that nobody else's file is taken for ours. */
  static final Path FOLDER = Path.of("/run/liberclaw-testkit");

  private final Path configuration;

  private Podman(Path configuration) {
    this.configuration = configuration;
  }

  static Podman configured() {
    try {
      Files.createDirectories(FOLDER);
      Path file = FOLDER.resolve("containers.conf");
      Path written = Files.createTempFile(FOLDER, "containers", ".conf");
      Files.writeString(written, configurationText());
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      return new Podman(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String configurationText() {
    // crun refuses hybrid cgroups, and limits above this process's own are refused by the kernel.
    String runtime = HostTools.find("runc").isPresent() ? "runtime=\"runc\"\n" : "";
    return "[engine]\n"
        + runtime
        + "cgroup_manager=\"cgroupfs\"\nevents_logger=\"file\"\n"
        + "[containers]\nlog_driver=\"k8s-file\"\n"
        + "default_ulimits=[\"nofile=1024:10000\",\"nproc=1000:10000\"]\n";
  }

  /** Runs it and returns standard output without the last line's end. */
  String check(String... arguments) {
    Output output = run(new byte[0], COMMAND_TIME_MAX, List.of(arguments));
    if (!output.succeeded()) {
      throw new AssertionError("podman " + Arrays.toString(arguments) + " ended with " + output);
    }
    return output.out().stripTrailing();
  }

  Output run(byte[] input, Duration timeMax, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("podman"));
    command.addAll(arguments);
    return execute(builder(command), input, timeMax);
  }

  ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CONTAINERS_CONF", configuration.toString());
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    return builder;
  }

  static Output execute(ProcessBuilder builder, byte[] input, Duration timeMax) {
    try {
      Process process = builder.start();
      CompletableFuture<String> out = drained(process.getInputStream());
      CompletableFuture<String> err = drained(process.getErrorStream());
      try {
        Thread.startVirtualThread(() -> feed(process, input));
        if (!process.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new AssertionError(
              "not within " + timeMax.toSeconds() + " s: " + String.join(" ", builder.command()));
        }
        return new Output(process.exitValue(), out.join(), err.join());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted: " + String.join(" ", builder.command()), e);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void feed(Process process, byte[] input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input);
    } catch (IOException _) {
      // It ended without reading all; its status tells.
    }
  }

  private static CompletableFuture<String> drained(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try (stream) {
        text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        text.complete("");
      }
    });
    return text;
  }
}
