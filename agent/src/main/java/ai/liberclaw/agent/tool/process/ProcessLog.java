package ai.liberclaw.agent.tool.process;

import ai.liberclaw.agent.tool.shell.Sink;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The output of a process in a file of the workspace; when it grows too long, its newest half. */
final class ProcessLog implements Sink, AutoCloseable {
  static final String FOLDER = "process-logs";
  static final int BYTES_MAX = 8 << 20;
  private static final byte[] CUT =
      "[... older output was dropped ...]\n".getBytes(StandardCharsets.UTF_8);
  private static final Logger LOG = System.getLogger(ProcessLog.class.getName());

  private final String name;
  private final SeekableByteChannel file;
  private final int bytesMax;

  private ProcessLog(String name, SeekableByteChannel file, int bytesMax) {
    this.name = name;
    this.file = file;
    this.bytesMax = bytesMax;
  }

  /** Empty, with a line in the server's log, where the workspace does not take it. */
  static Optional<ProcessLog> create(Workspace workspace, String id, int bytesMax) {
    String name = FOLDER + "/" + id + ".log";
    try {
      return Optional.of(new ProcessLog(name, workspace.create(name), bytesMax));
    } catch (IOException | WorkspaceRefusal e) {
      LOG.log(Level.WARNING, "process.log_not_made id={0} reason={1}", id, e.toString());
      return Optional.empty();
    }
  }

  /** Relative to the workspace. */
  String name() {
    return name;
  }

  @Override
  public void write(byte[] bytes, int count) throws IOException {
    if (file.position() + count > bytesMax) {
      keepNewest();
    }
    append(ByteBuffer.wrap(bytes, 0, count));
  }

  private void keepNewest() throws IOException {
    ByteBuffer newest = ByteBuffer.allocate((int) Math.min(file.position(), bytesMax / 2));
    file.position(file.position() - newest.capacity());
    while (newest.hasRemaining() && file.read(newest) >= 0) {
      // On to its end.
    }
    file.truncate(0);
    file.position(0);
    append(ByteBuffer.wrap(CUT));
    append(newest.flip());
  }

  private void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "process.log_not_closed reason={0}", e.getMessage());
    }
  }
}
