package ai.liberclaw.agent.tool.shell;

import ai.liberclaw.agent.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A folder in which the server has files for the programs it starts, where nobody else gets in.
 * Gone when closed.
 */
public final class Exchange implements AutoCloseable {
  private final Sandbox sandbox;
  private final Path folder;

  Exchange(Sandbox sandbox, Path data) throws IOException {
    this.sandbox = sandbox;
    this.folder = sandbox.exchange(Exchanges.prefix(data));
  }

  public Path folder() {
    return folder;
  }

  /** The path of a file in it. */
  public Path path(String name) {
    return folder.resolve(name);
  }

  /**
   * Lets programs use a file in it.
   *
   * @param mode in its group's bits, what they may do
   */
  public void share(Path file, int mode) throws IOException {
    sandbox.share(file, mode);
  }

  @Override
  public void close() {
    Exchanges.delete(folder);
  }
}
