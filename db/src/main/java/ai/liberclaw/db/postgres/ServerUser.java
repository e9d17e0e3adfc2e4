package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whom the server runs as: PostgreSQL refuses to be root. Root becomes a nameless user in a
 * namespace of its own where the system allows that (its files stay root's), else an ordinary user
 * who is given the data.
 *
 * @param prefix what stands before each command
 * @param uid who owns the data
 */
record ServerUser(List<String> prefix, int uid) {
  // "nobody" on every system, with the group of the same number.
  private static final int NOBODY = 65534;
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(10);

  /** Chooses for the data in {@code data}, which may not exist yet. */
  static ServerUser choose(Path data) {
    int we = ourUid();
    int owner = Files.exists(data) ? ownerOf(data) : we;
    if (we != 0) {
      if (owner != we) {
        throw new DatabaseException(
            "The database in " + data + " belongs to another user (uid " + owner + ").");
      }
      return new ServerUser(List.of(), we);
    }
    List<String> namespace = List.of("unshare", "-U", "--");
    if (owner == 0 && isNotRoot(namespace)) {
      return new ServerUser(namespace, 0);
    }
    int other = owner == 0 ? NOBODY : owner;
    List<String> switched =
        List.of("setpriv", "--reuid=" + other, "--regid=" + other, "--clear-groups", "--");
    if (isNotRoot(switched)) {
      return new ServerUser(switched, other);
    }
    throw new DatabaseException(
        "PostgreSQL can't run as root, and here root can become nobody else (neither unshare nor setpriv works). Start this"
            + " as an ordinary user, or set LIBERCLAW_DATABASE_URL to a server.");
  }

  private static boolean isNotRoot(List<String> prefix) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("id", "-u"));
    Commands.Result id = Commands.run(Path.of("/"), CHECK_LIMIT, command);
    return id.ok() && !id.output().equals("0");
  }

  /** Runs a command as this user. */
  Commands.Result run(Path folder, Duration limit, List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    return Commands.run(folder, limit, whole);
  }

  boolean isWeOurselves() {
    return uid == ourUid();
  }

  /** Gives files of ours to this user. */
  void give(Path path) throws IOException {
    if (isWeOurselves()) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  static int ownerOf(Path path) {
    try {
      return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new DatabaseException("The owner of " + path + " can't be read: " + e.getMessage(), e);
    }
  }

  /** Who we are, which Java can't say: whom a file belongs to that we make. */
  static int ourUid() {
    try {
      Path file = Files.createTempFile("liberclaw-", ".uid");
      try {
        return ownerOf(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new DatabaseException("No temporary file can be made: " + e.getMessage(), e);
    }
  }
}
