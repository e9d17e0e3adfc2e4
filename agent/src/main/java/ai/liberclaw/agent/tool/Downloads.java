package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.concurrent.locks.ReentrantLock;

/** The folder {@code downloads/} of the workspace: the newest files that were fetched. */
final class Downloads {
  static final String FOLDER = "downloads";

  private final Workspace workspace;
  private final CappedFolder cap;

  // Fetches run side by side, and two may want the same name.
  private final ReentrantLock naming = new ReentrantLock();

  Downloads(Workspace workspace) {
    this.workspace = workspace;
    this.cap = new CappedFolder(workspace, FOLDER, "[!.]*");
  }

  /**
   * A file that was saved.
   *
   * @param path relative to the workspace
   */
  record Saved(String path, long bytes) {}

  /** Saves all of it under this name, or under one with a number when that is taken. */
  Saved save(String name, InputStream content) throws IOException {
    String path;
    long bytes;
    try (Draft file = workspace.draftFor(FOLDER + "/" + name)) {
      bytes = content.transferTo(file.out());
      naming.lock();
      try {
        path = freePath(name);
        file.moveTo(path);
      } finally {
        naming.unlock();
      }
    }
    cap.prune();
    return new Saved(path, bytes);
  }

  private String freePath(String name) {
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    String extension = dot > 0 ? name.substring(dot) : "";
    String path = FOLDER + "/" + name;
    for (int i = 2; Files.exists(workspace.resolve(path)); i++) {
      path = FOLDER + "/" + stem + "-" + i + extension;
    }
    return path;
  }
}
