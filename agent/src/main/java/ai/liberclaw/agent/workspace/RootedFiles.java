package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/**
 * Access below a root that follows no link: folders are opened one inside the other, so that a path
 * which is swapped for a link after it was checked leads nowhere else.
 */
final class RootedFiles {
  private RootedFiles() {}

  /** The folder of a path below the root. */
  static SecureDirectoryStream<Path> folder(Path root, Path folder) throws IOException {
    SecureDirectoryStream<Path> at = secure(root);
    for (Path name : root.relativize(folder)) {
      if (name.toString().isEmpty()) {
        continue;
      }
      try (SecureDirectoryStream<Path> outer = at) {
        at = outer.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
      }
    }
    return at;
  }

  // The caller closes it.
  @SuppressWarnings("StreamResourceLeak")
  private static SecureDirectoryStream<Path> secure(Path folder) throws IOException {
    DirectoryStream<Path> stream = Files.newDirectoryStream(folder);
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    stream.close();
    throw new IOException("this file system does not open files relative to folders");
  }

  static OpenFile open(Path root, Path path, String given) throws IOException {
    Path name = path.getFileName();
    if (name == null || path.equals(root)) {
      throw new WorkspaceRefusal("Not a file: " + given);
    }
    try (SecureDirectoryStream<Path> folder = folder(root, Workspace.parent(path))) {
      BasicFileAttributes attributes = attributes(folder, name);
      // Opening a pipe would wait for its other end.
      if (!attributes.isRegularFile()) {
        throw new WorkspaceRefusal("Not a file: " + given);
      }
      SeekableByteChannel channel =
          folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
      return new OpenFile(path, channel, attributes);
    } catch (NoSuchFileException _) {
      throw new WorkspaceRefusal("File does not exist: " + given);
    } catch (FileSystemException e) {
      throw new WorkspaceRefusal("Cannot open " + given + ": " + reason(e));
    }
  }

  static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name)
      throws IOException {
    return folder
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  /** In words, without a path. */
  static String reason(FileSystemException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String reason = e.getReason();
    return reason == null ? "not possible" : reason.toLowerCase(java.util.Locale.ROOT);
  }
}
