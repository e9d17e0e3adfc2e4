package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;

/**
 * Gives a workspace to the user that tools run as: all of it the first time, later what a server
 * makes near its root.
 */
public final class WorkspaceHandover {
  /** As deep as the server itself makes files at start: {@code skills/<name>/SKILL.md}. */
  private static final int DEPTH_LATER = 3;

  /** Folders inside each other; each takes a file descriptor on the way. */
  private static final int DEPTH_MAX = 256;

  private final Sandbox sandbox;

  public WorkspaceHandover(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  /**
   * @throws IOException when something of it cannot be given away
   */
  public void all() throws IOException {
    if (sandbox.user().isEmpty()) {
      return;
    }
    Path root = sandbox.directory();
    // The root is given last, so this is true only when all has been.
    boolean done = Files.getAttribute(root, "unix:uid").equals(sandbox.user().getAsInt());
    try (SecureDirectoryStream<Path> folder = secure(root)) {
      inside(folder, root, done ? DEPTH_LATER : DEPTH_MAX);
    }
    Path above = root.getParent();
    if (above != null) {
      try (SecureDirectoryStream<Path> folder = secure(above)) {
        handOver(folder, root);
      }
    }
  }

  // The caller closes it.
  @SuppressWarnings("StreamResourceLeak")
  private static SecureDirectoryStream<Path> secure(Path folder) throws IOException {
    if (Files.newDirectoryStream(folder) instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    throw new IOException("this file system does not open files relative to folders");
  }

  /** Folders are entered one from the other: programs of a former run may still swap them. */
  private void inside(SecureDirectoryStream<Path> folder, Path path, int levels)
      throws IOException {
    try {
      for (Path found : folder) {
        Path entry = path.resolve(found.getFileName());
        if (levels > 1 && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          enter(folder, entry, levels - 1);
        }
        handOver(folder, entry);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void enter(SecureDirectoryStream<Path> folder, Path entry, int levels)
      throws IOException {
    SecureDirectoryStream<Path> inner;
    try {
      inner = folder.newDirectoryStream(entry.getFileName(), LinkOption.NOFOLLOW_LINKS);
    } catch (FileSystemException _) {
      // Tools may have made folders that the server cannot read; those are theirs already.
      return;
    }
    try (inner) {
      inside(inner, entry, levels);
    }
  }

  private void handOver(SecureDirectoryStream<Path> folder, Path path) throws IOException {
    try {
      sandbox.handover().of(folder, path);
    } catch (NoSuchFileException e) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }
}
