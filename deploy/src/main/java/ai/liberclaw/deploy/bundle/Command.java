package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.BundleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tool of the build that must succeed. */
final class Command {
  private Command() {}

  static void run(List<String> command, Duration timeMax) throws IOException, InterruptedException {
    Path log = Files.createTempFile("liberclaw-bundle-", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BundleException(name(command) + " took longer than " + timeMax);
      }
      if (process.exitValue() != 0) {
        throw new BundleException(
            name(command) + ": " + Files.readString(log, StandardCharsets.UTF_8).strip());
      }
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(log);
    }
  }

  private static Path name(List<String> command) {
    return Path.of(command.getFirst()).getFileName();
  }
}
