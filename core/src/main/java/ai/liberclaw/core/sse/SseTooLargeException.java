package ai.liberclaw.core.sse;

import java.io.IOException;

/** An event that is over the reader's limit. */
public final class SseTooLargeException extends IOException {
  SseTooLargeException(int eventBytesMax) {
    super("event of more than " + eventBytesMax + " bytes");
  }
}
