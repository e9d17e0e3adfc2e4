package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A file of the workspace in the making. {@link #moveTo} puts it in its place in one move; closed
 * without that, it leaves no trace.
 */
public final class Draft implements AutoCloseable {
  private static final String PREFIX = ".draft-";
  private static final Pattern NAMES =
      Pattern.compile("\\.draft-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Workspace workspace;
  private final SecureDirectoryStream<Path> folder;
  private final Path name = newName();
  private final OutputStream out;
  private Optional<Boolean> executable = Optional.empty();
  private boolean moved;

  Draft(Workspace workspace, Path folder, String given) throws IOException {
    this.workspace = workspace;
    try {
      this.folder = RootedFiles.folder(workspace.root(), folder);
    } catch (FileSystemException e) {
      throw refusal(given, e);
    }
    try {
      out =
          Channels.newOutputStream(
              this.folder.newByteChannel(
                  name,
                  Set.of(
                      StandardOpenOption.CREATE_NEW,
                      StandardOpenOption.WRITE,
                      LinkOption.NOFOLLOW_LINKS)));
    } catch (FileSystemException e) {
      this.folder.close();
      throw refusal(given, e);
    }
    workspace.handOver(this.folder, folder.resolve(name));
  }

  static Path newName() {
    return Path.of(PREFIX + UUID.randomUUID());
  }

  /** Whether a file of this name is a draft; nobody else makes such names by chance. */
  public static boolean named(String name) {
    return NAMES.matcher(name).matches();
  }

  private static WorkspaceRefusal refusal(String given, FileSystemException e) {
    return new WorkspaceRefusal("Cannot write " + given + ": " + RootedFiles.reason(e));
  }

  public OutputStream out() {
    return out;
  }

  /** Whether whoever may read the file may execute it; else it is as it was, or not executable. */
  public void setExecutable(boolean executable) {
    this.executable = Optional.of(executable);
  }

  /**
   * Takes the place of this file, and its permissions if it is there.
   *
   * @return its real path
   */
  public Path moveTo(String given) throws IOException {
    out.close();
    Path target = workspace.target(given);
    workspace.makeFolders(Workspace.parent(target), given);
    Path targetName = target.getFileName();
    try (SecureDirectoryStream<Path> targetFolder =
        RootedFiles.folder(workspace.root(), Workspace.parent(target))) {
      keepMode(targetFolder, targetName, given);
      if (executable.isPresent()) {
        mark(executable.get());
      }
      folder.move(name, targetFolder, targetName);
    } catch (FileSystemException e) {
      throw refusal(given, e);
    }
    moved = true;
    return target;
  }

  private void keepMode(SecureDirectoryStream<Path> targetFolder, Path targetName, String given)
      throws IOException {
    try {
      if (!RootedFiles.attributes(targetFolder, targetName).isRegularFile()) {
        throw new WorkspaceRefusal("Not a file: " + given);
      }
      PosixFileAttributeView old =
          targetFolder.getFileAttributeView(
              targetName, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      view().setPermissions(old.readAttributes().permissions());
    } catch (NoSuchFileException _) {
      // A new one.
    }
  }

  /** Tools may have put a link in the draft's place. */
  private PosixFileAttributeView view() {
    return folder.getFileAttributeView(
        name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  private void mark(boolean runs) throws IOException {
    PosixFileAttributeView view = view();
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission permission : view.readAttributes().permissions()) {
      switch (permission) {
        case OWNER_EXECUTE, GROUP_EXECUTE, OTHERS_EXECUTE -> {}
        case OWNER_WRITE, GROUP_WRITE, OTHERS_WRITE -> mode.add(permission);
        case OWNER_READ -> add(mode, permission, runs, PosixFilePermission.OWNER_EXECUTE);
        case GROUP_READ -> add(mode, permission, runs, PosixFilePermission.GROUP_EXECUTE);
        case OTHERS_READ -> add(mode, permission, runs, PosixFilePermission.OTHERS_EXECUTE);
      }
    }
    view.setPermissions(mode);
  }

  private static void add(
      Set<PosixFilePermission> mode,
      PosixFilePermission read,
      boolean runs,
      PosixFilePermission execute) {
    mode.add(read);
    if (runs) {
      mode.add(execute);
    }
  }

  @Override
  public void close() throws IOException {
    try (SecureDirectoryStream<Path> _ = folder) {
      out.close();
      if (!moved) {
        folder.deleteFile(name);
      }
    } catch (NoSuchFileException _) {
      // Somebody tidied up.
    }
  }
}
