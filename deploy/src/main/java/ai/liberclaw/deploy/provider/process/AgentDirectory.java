package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.provider.LogLines;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The directory of one agent: {@code workspace/}, {@code agent.db}, {@code agent.log}, a private
 * temporary directory. It carries a marker with the installation's id; one without it, or with
 * another's, is never touched.
 */
record AgentDirectory(Path root, UUID agentId, UUID installation) {
  /** Size at which the log is moved aside; one older log is kept. */
  static final long LOG_BYTES_MAX = 8L << 20;

  static final String MARKER = ".liberclaw.json";
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** The agent's tools may be another user, who passes through to the workspace. */
  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  private static final Set<PosixFilePermission> OWN_FILE =
      PosixFilePermissions.fromString("rw-------");

  /** So many names of the greatest length still make a path that the system takes. */
  private static final int DEPTH_MAX = 8;

  Path workspace() {
    return root.resolve("workspace");
  }

  Path database() {
    return root.resolve("agent.db");
  }

  Path log() {
    return root.resolve("agent.log");
  }

  /** Settings that are too long for an environment. */
  Path config() {
    return root.resolve("config.json");
  }

  Path temporary() {
    return root.resolve("tmp");
  }

  /** Hashes of the files the deployer wrote into the workspace. */
  Path managed() {
    return root.resolve("managed.json");
  }

  void create() throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      // Under its name only together with its marker, so a crash leaves nothing unclaimed.
      Path fresh = root.resolveSibling(".new-" + agentId);
      wipeTree(fresh);
      makePrivate(fresh);
      String marker =
          Json.write(
              Json.object()
                  .put("installation", installation.toString())
                  .put("agent", agentId.toString()));
      Files.writeString(fresh.resolve(MARKER), marker);
      Files.move(fresh, root, StandardCopyOption.ATOMIC_MOVE);
    }
    requireOurs();
    for (Path directory : List.of(workspace(), temporary())) {
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        makePrivate(directory);
      }
    }
    // Whoever passes through knows these names.
    for (Path own : List.of(root.resolve(MARKER), log())) {
      if (!Files.exists(own, LinkOption.NOFOLLOW_LINKS)) {
        Files.createFile(own, PosixFilePermissions.asFileAttribute(OWN_FILE));
      }
      Files.setPosixFilePermissions(own, OWN_FILE);
    }
    for (Path passed : List.of(temporary(), root)) {
      Files.setPosixFilePermissions(passed, PASSABLE);
    }
  }

  /** Deletes everything, the marker last; repeatable. */
  void wipe() throws IOException {
    wipeTree(root.resolveSibling(".new-" + agentId));
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS) || deletedIfEmpty()) {
      return;
    }
    requireOurs();
    Files.setPosixFilePermissions(root, PRIVATE);
    wipeEntries(root, List.of(root.resolve(MARKER)));
    Files.deleteIfExists(root.resolve(MARKER));
    Files.deleteIfExists(root);
  }

  /** Empties a log that grew too long, after copying it aside; the child keeps appending to it. */
  void rotateLog() throws IOException {
    Path log = log();
    if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
      Files.copy(log, root.resolve("agent.log.1"), StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    }
  }

  /** The end of the log, as far as it is shown; empty before the first start. */
  String lastOfLog() throws IOException {
    if (!Files.isRegularFile(log(), LinkOption.NOFOLLOW_LINKS)) {
      return "";
    }
    try (FileChannel channel = FileChannel.open(log(), StandardOpenOption.READ)) {
      channel.position(Math.max(0, channel.size() - LogLines.BYTES_MAX));
      byte[] end = Channels.newInputStream(channel).readNBytes(LogLines.BYTES_MAX);
      return new String(end, StandardCharsets.UTF_8);
    }
  }

  /** The argument by which processes of the agent are known. */
  String mark() {
    return "-Djava.io.tmpdir=" + temporary();
  }

  /** Whether the marker names this installation. */
  boolean ours() {
    Path marker = root.resolve(MARKER);
    if (!Files.isRegularFile(marker, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      String owner = Json.parse(Files.readAllBytes(marker)).path("installation").asText();
      return owner.equals(installation.toString());
    } catch (JsonException | IOException _) {
      // A marker nobody can read is nobody's.
      return false;
    }
  }

  boolean missing() {
    return !Files.exists(root, LinkOption.NOFOLLOW_LINKS);
  }

  private void requireOurs() {
    if (!ours()) {
      throw new ProviderException(
          "foreign_directory",
          "The agent's directory belongs to another installation; it was left as it is.",
          false,
          null);
    }
  }

  private boolean deletedIfEmpty() throws IOException {
    if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS) && entries(root, List.of()).isEmpty()) {
      Files.delete(root);
      return true;
    }
    return false;
  }

  static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(directory.getParent());
    Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
  }

  /** Deletes a tree without following links, also where tools took their own permissions away. */
  static void wipeTree(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.setPosixFilePermissions(path, PRIVATE);
      wipeEntries(path, List.of());
    }
    Files.deleteIfExists(path);
  }

  private static void wipeEntries(Path top, List<Path> kept) throws IOException {
    List<Path> left = entries(top, kept);
    while (!left.isEmpty()) {
      for (Path entry : left) {
        delete(top, entry, 1);
      }
      left = entries(top, kept);
    }
  }

  /**
   * Moves up what lies deep: a tool can make a tree whose paths are longer than the system takes.
   */
  private static void delete(Path top, Path path, int depth) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.setPosixFilePermissions(path, PRIVATE);
      if (depth > DEPTH_MAX) {
        Files.move(path, top.resolve(".deep-" + UUID.randomUUID()));
        return;
      }
      for (Path entry : entries(path, List.of())) {
        delete(top, entry, depth + 1);
      }
    }
    Files.deleteIfExists(path);
  }

  private static List<Path> entries(Path directory, List<Path> without) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    }
    entries.removeAll(without);
    return entries;
  }
}
