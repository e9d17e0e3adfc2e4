package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The agent's folder and its boundary. Paths are given relative to it or absolute inside it; a
 * {@link WorkspaceRefusal} says why one is not to be had.
 */
public final class Workspace {
  private static final Duration CHANGE_WAIT_MAX = Duration.ofSeconds(30);

  private final Path root;
  private final ReentrantLock changes = new ReentrantLock();
  private final ProtectedFiles protectedFiles;
  private final Handover handover;

  /**
   * @param root created when it is not there
   * @param ownFiles the agent's database and settings files, which nothing here gives access to
   */
  public Workspace(Path root, List<Path> ownFiles) throws IOException {
    this(root, ownFiles, Handover.NONE);
  }

  /**
   * @param handover what happens to everything made here
   */
  public Workspace(Path root, List<Path> ownFiles, Handover handover) throws IOException {
    Files.createDirectories(root);
    this.root = root.toRealPath();
    this.handover = handover;
    this.protectedFiles = new ProtectedFiles(ownFiles);
    removeDrafts();
  }

  /** What a killed agent was writing. */
  private void removeDrafts() throws IOException {
    try (DirectoryStream<Path> drafts =
        Files.newDirectoryStream(root, path -> Draft.named(String.valueOf(path.getFileName())))) {
      for (Path draft : drafts) {
        try {
          Files.deleteIfExists(draft);
        } catch (DirectoryNotEmptyException _) {
          // Nothing of this agent's.
        }
      }
    }
  }

  /** Absolute, without links. */
  public Path root() {
    return root;
  }

  /** With slashes, relative to the root; empty for the root itself. */
  public String relative(Path resolved) {
    StringBuilder out = new StringBuilder();
    for (Path name : root.relativize(resolved)) {
      out.append(out.isEmpty() ? "" : "/").append(name);
    }
    return out.toString();
  }

  /** The real path inside the workspace that this one stands for; it need not exist. */
  public Path resolve(String given) {
    Path path;
    try {
      path = Path.of(given);
    } catch (InvalidPathException _) {
      throw new WorkspaceRefusal("Invalid path: " + given.replace("\0", "\\0"));
    }
    Path real =
        LinkResolver.resolve(root, path)
            .orElseThrow(() -> new WorkspaceRefusal("Path is a loop of links: " + given));
    if (!real.startsWith(root)) {
      throw new WorkspaceRefusal("Path escapes workspace boundary: " + given);
    }
    return real;
  }

  /** As {@link #resolve}, of something that exists. */
  public Path existing(String given) {
    Path real = resolve(given);
    if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS)) {
      throw new WorkspaceRefusal("File does not exist: " + given);
    }
    return real;
  }

  /** Refuses the files that nothing gives access to. */
  public void refuseProtected(Path resolved) {
    String name = String.valueOf(resolved.getFileName());
    if (ProtectedFiles.named(name) || protectedFiles.holds(resolved)) {
      throw new WorkspaceRefusal("Access to sensitive file blocked: " + name);
    }
  }

  static boolean hidden(String name) {
    return ProtectedFiles.named(name);
  }

  /** Opens an existing regular file that is not protected. */
  public OpenFile open(String given) throws IOException {
    Path real = existing(given);
    refuseProtected(real);
    OpenFile file = RootedFiles.open(root, real, given);
    if (protectedFiles.holds(file.attributes().fileKey())) {
      file.close();
      throw new WorkspaceRefusal("Access to sensitive file blocked: " + file.name());
    }
    return file;
  }

  /**
   * A draft of this file, whose place it is to take. Missing folders are made. It waits in the
   * root, where the next start finds what a killed agent leaves, unless the folder is another file
   * system.
   *
   * @throws WorkspaceRefusal when there must not or can not be such a file
   */
  public Draft draftFor(String given) throws IOException {
    Path target = target(given);
    Path folder = parent(target);
    makeFolders(folder, given);
    return new Draft(this, device(folder).equals(device(root)) ? root : folder, given);
  }

  private static Object device(Path folder) throws IOException {
    return Files.getAttribute(folder, "unix:dev");
  }

  /** A draft whose place is not known yet. */
  public Draft draft() throws IOException {
    return new Draft(this, root, "a new file");
  }

  /** The real path of a file that may be written. */
  Path target(String given) {
    Path real = resolve(given);
    if (real.equals(root) || Files.isDirectory(real)) {
      throw new WorkspaceRefusal("Not a file: " + given);
    }
    refuseProtected(real);
    return real;
  }

  /**
   * Makes a file to be written in its place while others may read it. Missing folders are made.
   *
   * @throws WorkspaceRefusal when there must not be such a file, or there is one already
   */
  public SeekableByteChannel create(String given) throws IOException {
    Path target = target(given);
    makeFolders(parent(target), given);
    SeekableByteChannel channel;
    try (SecureDirectoryStream<Path> folder = RootedFiles.folder(root, parent(target))) {
      channel =
          folder.newByteChannel(
              target.getFileName(),
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS));
      handover.of(folder, target);
    } catch (FileSystemException e) {
      throw new WorkspaceRefusal("Cannot write " + given + ": " + RootedFiles.reason(e));
    }
    return channel;
  }

  /** Hands a new file over to the tools. */
  void handOver(SecureDirectoryStream<Path> folder, Path path) throws IOException {
    handover.of(folder, path);
  }

  /**
   * Makes a folder and those above it.
   *
   * @param resolved without links
   */
  public void makeFolders(Path resolved, String given) throws IOException {
    Path at = root;
    try {
      for (Path name : root.relativize(resolved)) {
        Path next = at.resolve(name);
        if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
          makeFolder(at, next, given);
        }
        at = next;
      }
    } catch (FileSystemException e) {
      throw new WorkspaceRefusal(
          "Cannot create the folder for " + given + ": " + RootedFiles.reason(e));
    }
  }

  /**
   * Made in the root and moved: by its path it would be made wherever a folder above leads, once a
   * tool has swapped that for a link.
   */
  private void makeFolder(Path above, Path folder, String given) throws IOException {
    Path draft = root.resolve(Draft.newName());
    Files.createDirectory(draft);
    try (SecureDirectoryStream<Path> from = RootedFiles.folder(root, root);
        SecureDirectoryStream<Path> to = RootedFiles.folder(root, above)) {
      if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
          && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new WorkspaceRefusal("Not a directory: " + given);
      }
      handover.of(from, draft);
      try {
        from.move(draft.getFileName(), to, folder.getFileName());
      } catch (AtomicMoveNotSupportedException _) {
        // Another file system, which the owner has put there.
        Files.createDirectory(folder);
        handover.of(to, folder);
      }
    } catch (FileSystemException e) {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** Steps that belong together. */
  @FunctionalInterface
  public interface Change<T, E extends Exception> {
    T make() throws E, IOException, InterruptedException;
  }

  /**
   * Makes a change of several steps, such as reading and writing back, while no other such change
   * is made. Commands of shells do not wait for it.
   *
   * @throws WorkspaceRefusal when another change takes too long
   */
  public <T, E extends Exception> T changing(Change<T, E> change)
      throws E, IOException, InterruptedException {
    if (!changes.tryLock(CHANGE_WAIT_MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new WorkspaceRefusal(
          "another change of the workspace has been going on for "
              + CHANGE_WAIT_MAX.toSeconds()
              + " seconds; try again later");
    }
    try {
      return change.make();
    } finally {
      changes.unlock();
    }
  }

  /** Deletes a file, or the link that a path itself is; an absent one makes no difference. */
  public void delete(Path path) throws IOException {
    if (!path.startsWith(root) || path.equals(root)) {
      throw new WorkspaceRefusal("Path escapes workspace boundary: " + path);
    }
    refuseProtected(path);
    try (SecureDirectoryStream<Path> folder = RootedFiles.folder(root, parent(path))) {
      folder.deleteFile(path.getFileName());
    } catch (NoSuchFileException _) {
      // So be it.
    }
  }

  /** Deletes a folder; false when it is none, or not empty. */
  public boolean deleteEmptyFolder(Path path) throws IOException {
    if (!path.startsWith(root) || path.equals(root)) {
      return false;
    }
    try (SecureDirectoryStream<Path> folder = RootedFiles.folder(root, parent(path))) {
      folder.deleteDirectory(path.getFileName());
      return true;
    } catch (FileSystemException _) {
      return false;
    }
  }

  /** Puts a symbolic link in a place, in one move that replaces a file or a link there. */
  public void link(Path path, Path target) throws IOException {
    refuseProtected(path);
    makeFolders(parent(path), relative(path));
    Path draft = Draft.newName();
    Files.createSymbolicLink(root.resolve(draft), target);
    try (SecureDirectoryStream<Path> from = RootedFiles.folder(root, root);
        SecureDirectoryStream<Path> to = RootedFiles.folder(root, parent(path))) {
      from.move(draft, to, path.getFileName());
    } finally {
      Files.deleteIfExists(root.resolve(draft));
    }
  }

  /**
   * Shows a visitor what lies in a folder and below it, without following links; never what nothing
   * gives access to.
   *
   * @param folder resolved
   * @return false when there was more than it looks at
   */
  public boolean walk(Path folder, WorkspaceWalk.Visitor visitor)
      throws IOException, InterruptedException {
    return WorkspaceWalk.over(this, protectedFiles.keys(), folder, visitor);
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }
}
