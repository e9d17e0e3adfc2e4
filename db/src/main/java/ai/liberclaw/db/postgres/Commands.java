package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a short command to its end, with nothing of our environment: it holds secrets that are not
 * PostgreSQL's.
 */
final class Commands {
  private Commands() {}

  record Result(boolean ok, String output) {}

  static Result run(Path folder, Duration limit, List<String> command) {
    Path output = null;
    try {
      // Not a pipe: a server that is started inherits it, and would hold it open.
      output = Files.createTempFile("liberclaw-", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(output.toFile());
      Map<String, String> environment = builder.environment();
      String path = environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
      environment.clear();
      environment.putAll(Map.of("PATH", path, "LC_ALL", "C", "TZ", "UTC"));
      Process process = builder.start();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      return new Result(
          ended && process.exitValue() == 0,
          Files.readString(output, StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return new Result(false, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("Interrupted while running " + command.getFirst(), e);
    } finally {
      if (output != null) {
        output.toFile().delete();
      }
    }
  }
}
