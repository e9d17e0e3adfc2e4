package ai.liberclaw.api;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Official clients of models, in the versions of {@code src/test/npm}, run by Node.js. */
final class NpmClients {
  private static final Path SOURCE = Path.of("src/test/npm");
  private static final Path TARGET = Path.of("target/npm");
  private static final int INSTALL_MINUTES_MAX = 5;
  private static final int RUN_SECONDS_MAX = 60;

  private NpmClients() {}

  /** Runs a script with these arguments and gives what it printed. */
  static String run(String script, String... arguments) throws IOException, InterruptedException {
    install();
    Files.copy(SOURCE.resolve(script), TARGET.resolve(script), StandardCopyOption.REPLACE_EXISTING);
    String[] command = new String[arguments.length + 2];
    command[0] = "node";
    command[1] = script;
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    Path log = Files.createTempFile("npm-client", ".log");
    try {
      Process node =
          new ProcessBuilder(command)
              .directory(TARGET.toFile())
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

  private static void install() throws IOException, InterruptedException {
    Files.createDirectories(TARGET);
    try (FileChannel channel =
            FileChannel.open(
                TARGET.resolve("installing"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      Path done = TARGET.resolve("installed-lock.json");
      Path wanted = SOURCE.resolve("package-lock.json");
      if (Files.exists(done)
          && Arrays.equals(Files.readAllBytes(done), Files.readAllBytes(wanted))) {
        return;
      }
      for (String file : List.of("package.json", "package-lock.json")) {
        Files.copy(SOURCE.resolve(file), TARGET.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
      Path log = TARGET.resolve("npm.log");
      Process npm;
      try {
        npm =
            new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(TARGET.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
      } catch (IOException e) {
        throw new AssertionError(
            "These tests use official clients of models, which need Node.js 20 or newer with npm."
                + " Install them (on Debian: apt-get install nodejs npm) and try again.",
            e);
      }
      if (!npm.waitFor(INSTALL_MINUTES_MAX, TimeUnit.MINUTES)) {
        npm.destroyForcibly();
        throw new AssertionError("npm ci took more than " + INSTALL_MINUTES_MAX + " minutes");
      }
      if (npm.exitValue() != 0) {
        throw new AssertionError("npm ci failed:\n" + Files.readString(log));
      }
      Files.copy(wanted, done, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
