package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A walk through folders of the workspace, in the order of names. Links are seen, not followed. */
public final class WorkspaceWalk {
  /** Entries looked at, so that a hostile tree ends too. */
  public static final int ENTRIES_MAX = 200_000;

  /** Folders inside each other; each takes a file descriptor while the walk is in it. */
  public static final int DEPTH_MAX = 64;

  /**
   * What lies in a folder.
   *
   * @param path relative to the workspace, with slashes
   */
  public record Entry(String path, String name, PosixFileAttributes attributes) {}

  /** Who is shown the entries. */
  public interface Visitor {
    /** Whether to go into this folder. */
    boolean folder(Entry folder) throws IOException, InterruptedException;

    /** Whether to go on after this file or link. */
    boolean file(Entry file) throws IOException, InterruptedException;
  }

  private final Set<Object> hidden;
  private final Visitor visitor;
  private int entries;
  private boolean complete = true;
  private boolean stopped;

  private WorkspaceWalk(Set<Object> hidden, Visitor visitor) {
    this.hidden = hidden;
    this.visitor = visitor;
  }

  static boolean over(Workspace workspace, Set<Object> hidden, Path folder, Visitor visitor)
      throws IOException, InterruptedException {
    WorkspaceWalk walk = new WorkspaceWalk(hidden, visitor);
    String relative = workspace.relative(folder);
    try (SecureDirectoryStream<Path> top = RootedFiles.folder(workspace.root(), folder)) {
      walk.folder(top, relative.isEmpty() ? "" : relative + "/", 1);
    }
    return walk.complete;
  }

  private void folder(SecureDirectoryStream<Path> folder, String prefix, int depth)
      throws IOException, InterruptedException {
    for (Path name : names(folder)) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (stopped) {
        return;
      }
      String text = name.toString();
      if (!ProtectedFiles.named(text) && !Draft.named(text)) {
        visit(folder, name, prefix + text, depth);
      }
    }
  }

  private List<Path> names(SecureDirectoryStream<Path> folder) throws IOException {
    List<Path> names = new ArrayList<>();
    try {
      for (Path path : folder) {
        if (++entries > ENTRIES_MAX) {
          complete = false;
          break;
        }
        names.add(path.getFileName());
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    names.sort(null);
    return names;
  }

  private void visit(SecureDirectoryStream<Path> folder, Path name, String path, int depth)
      throws IOException, InterruptedException {
    PosixFileAttributes attributes;
    try {
      attributes =
          folder
              .getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .readAttributes();
    } catch (NoSuchFileException _) {
      return;
    }
    if (hidden.contains(attributes.fileKey())) {
      return;
    }
    Entry entry = new Entry(path, name.toString(), attributes);
    if (!attributes.isDirectory()) {
      stopped = !visitor.file(entry);
    } else if (visitor.folder(entry)) {
      if (depth == DEPTH_MAX) {
        complete = false;
        return;
      }
      enter(folder, name, path, depth);
    }
  }

  private void enter(SecureDirectoryStream<Path> folder, Path name, String path, int depth)
      throws IOException, InterruptedException {
    SecureDirectoryStream<Path> inner;
    try {
      inner = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException _) {
      // Gone, or not to be read.
      return;
    }
    try (inner) {
      folder(inner, path + "/", depth + 1);
    }
  }
}
