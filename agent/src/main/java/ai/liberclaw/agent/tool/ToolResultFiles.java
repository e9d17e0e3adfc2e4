package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/** The folder {@code tool-results/} of the workspace: long results whole, the newest ones. */
final class ToolResultFiles {
  static final String FOLDER = "tool-results";
  static final int FILES_MAX = 200;
  static final long BYTES_MAX = 200L << 20;
  private static final Logger LOG = System.getLogger(ToolResultFiles.class.getName());

  private final Workspace workspace;
  private final ReentrantLock pruning = new ReentrantLock();

  ToolResultFiles(Workspace workspace) {
    this.workspace = workspace;
  }

  /** One result being saved; it appears under its name when kept. */
  static final class Saving implements AutoCloseable {
    private final String name;
    private final Draft file;
    private final Writer writer;

    private Saving(String name, Draft file) {
      this.name = name;
      this.file = file;
      this.writer =
          new BufferedWriter(new OutputStreamWriter(file.out(), StandardCharsets.UTF_8), 64 << 10);
    }

    /** Relative to the workspace. */
    String name() {
      return name;
    }

    Writer writer() {
      return writer;
    }

    void keep() throws IOException {
      writer.flush();
      file.moveTo(name);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /**
   * @throws WorkspaceRefusal when somebody made the folder a way out of the workspace
   */
  Saving create(String tool) throws IOException {
    String name =
        FOLDER
            + "/"
            + tool
            + "-"
            + UUID.randomUUID().toString().replace("-", "").substring(0, 12)
            + ".txt";
    return new Saving(name, workspace.draftFor(name));
  }

  private record Saved(Path path, long bytes, long modified) {}

  /** Deletes the oldest until the limits hold. */
  void prune() {
    pruning.lock();
    try {
      List<Saved> all = saved(workspace.resolve(FOLDER));
      all.sort(Comparator.comparingLong(Saved::modified).reversed());
      long bytes = 0;
      for (int i = 0; i < all.size(); i++) {
        bytes += all.get(i).bytes();
        if (i >= FILES_MAX || (bytes > BYTES_MAX && i > 0)) {
          Files.deleteIfExists(all.get(i).path());
        }
      }
    } catch (IOException | WorkspaceRefusal e) {
      LOG.log(Level.WARNING, "tool.results_not_pruned reason={0}", e.toString());
    } finally {
      pruning.unlock();
    }
  }

  private static List<Saved> saved(Path folder) throws IOException {
    List<Saved> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*-????????????.txt")) {
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
