package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.BundleException;
import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The agent's classes, loaded and linked (JEP 483, 514), recorded while it serves a few requests.
 * No two recordings are the same to the byte, so one is kept for as long as jars and Java stay what
 * they are.
 */
final class StartCache {
  private static final Duration RECORD_TIME_MAX = Duration.ofMinutes(10);
  private static final Duration CHECK_TIME_MAX = Duration.ofMinutes(2);

  private final Path work;
  private final Optional<Path> given;

  /**
   * @param work keeps what was recorded
   * @param given one to be taken as it is, so that a bundle becomes the same as the one it was
   *     recorded for
   */
  StartCache(Path work, Optional<Path> given) {
    this.work = work;
    this.given = given;
  }

  void put(Path tree) throws IOException, InterruptedException {
    Files.copy(given.isPresent() ? given.get() : kept(tree), tree.resolve(Launcher.CACHE));
    Files.setLastModifiedTime(tree.resolve(Launcher.CACHE), BundleBuild.FILE_TIME);
    check(tree);
  }

  private Path kept(Path tree) throws IOException, InterruptedException {
    StringBuilder inputs = new StringBuilder();
    for (Manifest.Entry file : Packing.describe(tree)) {
      inputs.append(file.sha256()).append(' ').append(file.path()).append('\n');
    }
    Path kept =
        work.resolve(Sha256.of(inputs.toString().getBytes(StandardCharsets.UTF_8)) + ".aot");
    if (!Files.isRegularFile(kept)) {
      Path recorded = work.resolve("agent.aot.unfinished");
      Files.deleteIfExists(recorded);
      record(tree, recorded);
      Files.move(recorded, kept, StandardCopyOption.ATOMIC_MOVE);
    }
    return kept;
  }

  private static void record(Path tree, Path cache) throws IOException, InterruptedException {
    try (Rehearsal rehearsal =
        Rehearsal.start(
            Launcher.command(tree.toString(), List.of("-XX:AOTCacheOutput=" + cache)))) {
      rehearsal.play();
      rehearsal.stop(RECORD_TIME_MAX);
    }
    if (!Files.isRegularFile(cache)) {
      throw new BundleException("Java made no start-up cache of the agent");
    }
  }

  /** A cache that does not fit is passed over in silence; here it is an error. */
  private static void check(Path tree) throws IOException, InterruptedException {
    Path log = Files.createTempFile("liberclaw-cache-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Launcher.command(
                tree.toString(),
                List.of("-XX:AOTCache=" + tree.resolve(Launcher.CACHE), "-XX:AOTMode=on")));
    builder.command().add("--help");
    builder.environment().keySet().retainAll(Map.of("PATH", "").keySet());
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(CHECK_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)
          || process.exitValue() != 0) {
        throw new BundleException(
            "The start-up cache does not fit: " + Files.readString(log).strip());
      }
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(log);
    }
  }
}
