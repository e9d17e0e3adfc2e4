package ai.liberclaw.deploy.model;

import org.jspecify.annotations.Nullable;

/**
 * A model service gave no answer. The message is for the log: no address, no key, no words of it.
 */
public final class UpstreamException extends Exception {
  /** What kind of failure it is. */
  public enum Kind {
    /** It surely got nothing of the request. */
    UNREACHABLE,
    /** It took too long. */
    SILENT,
    /** The connection broke. */
    LOST
  }

  private final Kind kind;

  UpstreamException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
