package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files that no tool and no route reads or writes: settings and databases, by name, and the agent's
 * own ones also by identity, so that another name or a hard link does not help.
 */
final class ProtectedFiles {
  private static final Pattern NAMES =
      Pattern.compile("\\.env(\\..*)?|agent\\.db.*|.*\\.db-(journal|wal|shm)");
  private static final List<String> DATABASE_SIDE_FILES = List.of("-journal", "-wal", "-shm");

  private final List<Path> own;

  /**
   * @param own the files themselves; of a database, the main file
   */
  ProtectedFiles(List<Path> own) {
    List<Path> all = new ArrayList<>();
    for (Path path : own) {
      Path absolute = path.toAbsolutePath().normalize();
      all.add(absolute);
      DATABASE_SIDE_FILES.forEach(
          s -> all.add(absolute.resolveSibling(absolute.getFileName() + s)));
    }
    this.own = List.copyOf(all);
  }

  static boolean named(String name) {
    return NAMES.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }

  /** Whether the file is one of the agent's own; false for what does not exist. */
  boolean holds(@Nullable Object fileKey) {
    return fileKey != null && own.stream().anyMatch(path -> fileKey.equals(key(path)));
  }

  /** The identities of the agent's own files that exist now. */
  Set<Object> keys() {
    Set<Object> keys = new HashSet<>();
    for (Path path : own) {
      Object key = key(path);
      if (key != null) {
        keys.add(key);
      }
    }
    return keys;
  }

  /** Whether this is the place of one of the agent's own files, existing or not. */
  boolean holds(Path path) {
    if (own.contains(path)) {
      return true;
    }
    try {
      return holds(
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey());
    } catch (IOException _) {
      return false;
    }
  }

  private static @Nullable Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException _) {
      return null;
    }
  }
}
