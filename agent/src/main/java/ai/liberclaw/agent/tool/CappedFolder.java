package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A folder in the workspace's root that tools fill by themselves: it keeps the newest files. */
public final class CappedFolder {
  static final int FILES_MAX = 200;
  static final long BYTES_MAX = 200L << 20;
  private static final Logger LOG = System.getLogger(CappedFolder.class.getName());

  private final Workspace workspace;
  private final String name;
  private final String glob;
  private final ReentrantLock pruning = new ReentrantLock();

  /**
   * @param glob names of the files that count; others are left alone
   */
  public CappedFolder(Workspace workspace, String name, String glob) {
    this.workspace = workspace;
    this.name = name;
    this.glob = glob;
  }

  private record Saved(Path path, long bytes, long modified) {}

  /** Deletes the oldest until the limits hold. */
  void prune() {
    prune(Instant.MIN, FILES_MAX, BYTES_MAX);
  }

  /**
   * Deletes what is older, then the oldest until the limits hold.
   *
   * @param oldest last change of a file that may stay
   */
  public void prune(Instant oldest, int filesMax, long bytesMax) {
    pruning.lock();
    try {
      Path folder = workspace.resolve(name);
      if (!folder.equals(workspace.root().resolve(name))) {
        // Somebody made it a link; what it leads to is not a tool's to clean.
        return;
      }
      List<Saved> all = saved(folder);
      all.sort(Comparator.comparingLong(Saved::modified).reversed());
      long bytes = 0;
      for (int i = 0; i < all.size(); i++) {
        bytes += all.get(i).bytes();
        boolean old = Instant.ofEpochMilli(all.get(i).modified()).isBefore(oldest);
        if (old || i >= filesMax || (bytes > bytesMax && i > 0)) {
          workspace.delete(all.get(i).path());
        }
      }
    } catch (NoSuchFileException _) {
      // Nothing was ever put there.
    } catch (IOException | WorkspaceRefusal e) {
      LOG.log(Level.WARNING, "tool.folder_not_pruned folder={0} reason={1}", name, e.toString());
    } finally {
      pruning.unlock();
    }
  }

  private List<Saved> saved(Path folder) throws IOException {
    List<Saved> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
      for (Path file : files) {
        BasicFileAttributes attributes =
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isRegularFile()) {
          all.add(new Saved(file, attributes.size(), attributes.lastModifiedTime().toMillis()));
        }
      }
    }
    return all;
  }
}
