package ai.liberclaw.testkit.npm;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The packages of a module's {@code src/test/npm}, in the versions of its lock file, installed once
 * where the build goes.
 */
public final class NpmPackages {
  private static final Path SOURCE = Path.of("src/test/npm");
  private static final Path TARGET = Path.of("target/npm");
  private static final int INSTALL_MINUTES_MAX = 5;

  private NpmPackages() {}

  /**
   * Installs them unless that has been done for this lock file.
   *
   * @return the folder that has {@code node_modules}
   * @throws AssertionError without Node.js or npm, or when npm fails
   */
  public static Path installed() throws IOException, InterruptedException {
    Files.createDirectories(TARGET);
    try (FileChannel channel =
            FileChannel.open(
                TARGET.resolve("installing"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!isInstalled()) {
        install();
      }
    }
    return TARGET.toAbsolutePath();
  }

  private static boolean isInstalled() throws IOException {
    Path done = TARGET.resolve("installed-lock.json");
    return Files.exists(done)
        && Arrays.equals(
            Files.readAllBytes(done), Files.readAllBytes(SOURCE.resolve("package-lock.json")));
  }

  private static void install() throws IOException, InterruptedException {
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
          "These tests use real programs of npm, which need Node.js 20 or newer. Install it (on"
              + " Debian: apt-get install nodejs npm) and try again.",
          e);
    }
    if (!npm.waitFor(INSTALL_MINUTES_MAX, TimeUnit.MINUTES)) {
      npm.destroyForcibly();
      throw new AssertionError("npm ci took more than " + INSTALL_MINUTES_MAX + " minutes");
    }
    if (npm.exitValue() != 0) {
      throw new AssertionError("npm ci failed:\n" + Files.readString(log));
    }
    Files.copy(
        SOURCE.resolve("package-lock.json"),
        TARGET.resolve("installed-lock.json"),
        StandardCopyOption.REPLACE_EXISTING);
  }
}
