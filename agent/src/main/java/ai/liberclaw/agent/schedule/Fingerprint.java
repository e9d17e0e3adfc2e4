package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.secret.Secrets;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What a file or folder looks like from outside: names, sizes and times of change. Links are not
 * followed inside a folder. Of a very large folder only a part is looked at.
 *
 * @param text equal as long as nothing has changed
 * @param whole false when there was more than is looked at
 */
record Fingerprint(String text, boolean whole) {
  static final int ENTRIES_MAX = 5_000;

  /** Folders whose content changes by itself or does not matter. */
  private static final Set<String> SKIPPED =
      Set.of(
          ".git", ".baal-history", "tool-results", "__pycache__", "node_modules", ".venv", "venv");

  /** What this package itself writes, which would wake a watcher of the workspace each time. */
  private static final Set<String> OWN = Set.of(WatchStates.NAME, StatusFile.NAME);

  private static final String ABSENT = "absent";

  /**
   * @throws ai.liberclaw.agent.workspace.WorkspaceRefusal when the path leads out of the workspace
   */
  static Fingerprint of(Workspace workspace, String path) throws IOException {
    return of(workspace, path, ENTRIES_MAX);
  }

  /**
   * @param entriesMax files and folders that are looked at
   */
  static Fingerprint of(Workspace workspace, String path, int entriesMax) throws IOException {
    Path real = workspace.resolve(path);
    if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS)) {
      return new Fingerprint(ABSENT, true);
    }
    Walk walk = new Walk(real, entriesMax);
    walk.add(real);
    return new Fingerprint(Secrets.sha256Hex(walk.seen.toString()), walk.entries <= entriesMax);
  }

  private static final class Walk {
    private final Path start;
    private final int entriesMax;
    private final StringBuilder seen = new StringBuilder();
    private int entries;

    private Walk(Path start, int entriesMax) {
      this.start = start;
      this.entriesMax = entriesMax;
    }

    private void add(Path path) throws IOException {
      if (++entries > entriesMax) {
        return;
      }
      BasicFileAttributes attributes;
      try {
        attributes =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      } catch (IOException _) {
        // Gone since its folder was read.
        return;
      }
      seen.append(start.relativize(path)).append('\0');
      if (attributes.isDirectory()) {
        // Its own time changes with files that are skipped.
        seen.append("folder\n");
        for (Path child : children(path)) {
          add(child);
        }
      } else {
        seen.append(attributes.size())
            .append(' ')
            .append(attributes.lastModifiedTime().toInstant())
            .append('\n');
      }
    }

    /** By name, as far as there is room for them. */
    private List<Path> children(Path folder) {
      List<Path> children = new ArrayList<>();
      try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
        for (Path child : names) {
          if (entries + children.size() > entriesMax) {
            break;
          }
          String name = String.valueOf(child.getFileName());
          if (!SKIPPED.contains(name) && !OWN.contains(name) && !Draft.named(name)) {
            children.add(child);
          }
        }
      } catch (IOException | DirectoryIteratorException _) {
        return List.of();
      }
      children.sort(Comparator.comparing(Path::getFileName));
      return children;
    }
  }
}
