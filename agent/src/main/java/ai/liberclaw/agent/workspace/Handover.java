package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.file.Path;

/** Makes what the server writes in the workspace the tools' too, where they are another user. */
@FunctionalInterface
public interface Handover {
  /** For tools that are the same user. */
  Handover NONE = _ -> {};

  /**
   * Hands over a file or folder that the server has just made.
   *
   * @param path not followed when it is a link
   */
  void of(Path path) throws IOException;
}
