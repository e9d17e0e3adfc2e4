package ai.liberclaw.agent.workspace;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;

/** Makes what the server writes in the workspace the tools' too, where they are another user. */
@FunctionalInterface
public interface Handover {
  /** For tools that are the same user. */
  Handover NONE = (_, _) -> {};

  /**
   * Hands over a file or folder that the server has just made.
   *
   * @param folder what it lies in, opened without following links: whoever may write in the
   *     workspace can swap every folder above for a link to somewhere else
   * @param path whose last name it has there; not followed when it is a link
   */
  void of(SecureDirectoryStream<Path> folder, Path path) throws IOException;
}
