package ai.liberclaw.api;

import ai.liberclaw.testkit.npm.NpmPackages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/** Official clients of models, in the versions of {@code src/test/npm}, run by Node.js. */
final class NpmClients {
  private static final Path SOURCE = Path.of("src/test/npm");
  private static final int RUN_SECONDS_MAX = 60;

  private NpmClients() {}

  /** Runs a script with these arguments and gives what it printed. */
  static String run(String script, String... arguments) throws IOException, InterruptedException {
    Path folder = NpmPackages.installed();
    Files.copy(SOURCE.resolve(script), folder.resolve(script), StandardCopyOption.REPLACE_EXISTING);
    String[] command = new String[arguments.length + 2];
    command[0] = "node";
    command[1] = script;
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    Path log = Files.createTempFile("npm-client", ".log");
    try {
      Process node =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(log.toFile())
              .start();
      String printed =
          new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!node.waitFor(RUN_SECONDS_MAX, TimeUnit.SECONDS)) {
        node.destroyForcibly();
        throw new AssertionError(script + " took more than " + RUN_SECONDS_MAX + " s");
      }
      if (node.exitValue() != 0) {
        throw new AssertionError(script + " failed:\n" + Files.readString(log));
      }
      return printed;
    } finally {
      Files.delete(log);
    }
  }
}
