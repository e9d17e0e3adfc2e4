package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.Bundle;
import ai.liberclaw.deploy.release.BundleException;
import ai.liberclaw.deploy.release.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One bundle: a trimmed Java, the agent with its libraries, its start-up cache and its launcher,
 * packed and signed. Made twice from the same jars and JDK with the same cache it is the same to
 * the byte.
 */
public final class BundleBuild {
  /** What it runs on. */
  public static final String PLATFORM = "linux-x86_64";

  /** Of every file; the cache holds only for jars of the times it was made with. */
  static final FileTime FILE_TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private static final String TREE = "tree";

  private final Path jdk;
  private final Path agent;
  private final String version;
  private final int level;
  private final Optional<Path> startCache;

  /**
   * @param jdk Java 25 or newer with {@code jlink}
   * @param agent folder of {@code agent.jar} and {@code lib/}
   * @param level of compression
   * @param startCache {@code app/agent.aot} of a bundle that is to be made once more; else one is
   *     recorded, unless there is one of the same jars
   */
  public BundleBuild(Path jdk, Path agent, String version, int level, Optional<Path> startCache) {
    this.jdk = jdk;
    this.agent = agent;
    this.version = version;
    this.level = level;
    this.startCache = startCache;
  }

  /**
   * Makes it.
   *
   * @param output gets archive, manifest and signature, in place of older ones; what is kept to be
   *     used again goes to {@code work/} beside it
   * @return what was made, to be shown
   */
  public String run(Path output, SigningKey key) throws IOException, InterruptedException {
    requirePlatform();
    Path work = output.toAbsolutePath().resolveSibling("bundle-work");
    Path tree = work.resolve(TREE);
    delete(tree);
    Files.createDirectories(tree);
    new JavaImage(jdk).link(tree.resolve("jre"));
    new AgentLibraries(agent).copy(tree.resolve("app"));
    Launcher.write(tree);
    settle(tree);
    new StartCache(work, startCache).put(tree);
    settle(tree);

    List<Manifest.Entry> files = Packing.describe(tree);
    Manifest manifest = Manifest.of(version, PLATFORM, files);
    byte[] text = manifest.text().getBytes(StandardCharsets.UTF_8);
    Path archive = work.resolve("archive.unfinished");
    Packing.pack(tree, files, archive, level);

    clear(output);
    Files.write(output.resolve(Bundle.MANIFEST), text);
    Files.write(output.resolve(Bundle.SIGNATURE), key.sign(text));
    Path made = output.resolve("liberclaw-agent-" + version + "-" + PLATFORM + ".tar.zst");
    Files.move(archive, made, StandardCopyOption.ATOMIC_MOVE);
    return String.format(
        Locale.ROOT,
        "Release %s: %s, %.1f MB packed, %.1f MB in %d files",
        manifest.id(),
        made.getFileName(),
        Files.size(made) / 1e6,
        manifest.bytes() / 1e6,
        files.size());
  }

  private static void requirePlatform() {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      throw new BundleException("Bundles are made on Linux x86-64 only: they hold its Java");
    }
  }

  /** One time and one of two modes for every file. */
  private static void settle(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        boolean executable = Files.isExecutable(file);
        Files.setPosixFilePermissions(
            file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        Files.setLastModifiedTime(file, FILE_TIME);
      }
    }
  }

  private static void clear(Path output) throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".tar.zst")
            || name.equals(Bundle.MANIFEST)
            || name.equals(Bundle.SIGNATURE)) {
          Files.delete(file);
        }
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> files = Files.walk(tree)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
