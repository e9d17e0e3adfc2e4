package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A regular file of the workspace, opened for reading. */
public record OpenFile(Path path, SeekableByteChannel channel, BasicFileAttributes attributes)
    implements AutoCloseable {
  /**
   * Opens a file for who has no {@link Workspace}, following no link on the way.
   *
   * @param root of the workspace, without links
   * @param real without links
   * @throws WorkspaceRefusal when it is not inside, no regular file, or of a protected name
   */
  public static OpenFile inside(Path root, Path real) throws IOException {
    String name = String.valueOf(real.getFileName());
    if (!real.startsWith(root) || ProtectedFiles.named(name)) {
      throw new WorkspaceRefusal("Access blocked: " + name);
    }
    return RootedFiles.open(root, real, name);
  }

  public InputStream stream() {
    return Channels.newInputStream(channel);
  }

  public String name() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
