package ai.liberclaw.agent.webchat;

import java.io.IOException;
import java.util.Optional;

/** Where the files of a page come from. */
sealed interface PageFiles permits OwnPage, OwnerBuild {
  /**
   * A file by its path without a slash in front; empty when there is none.
   *
   * @param path decoded, as somebody unknown sent it
   */
  Optional<PageFile> find(String path) throws IOException;

  /** The {@code Content-Security-Policy} that the page is sent with. */
  String policy();
}
