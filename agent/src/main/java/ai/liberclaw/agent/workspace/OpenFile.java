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
