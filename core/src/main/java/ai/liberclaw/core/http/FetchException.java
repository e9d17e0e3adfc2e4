package ai.liberclaw.core.http;

import java.io.IOException;

/**
 * Why a guarded request gave no answer. The message is short, holds no address, and may be shown to
 * a model or a user.
 */
public final class FetchException extends IOException {
  /** What kind of failure it is. */
  public enum Reason {
    /** Not an address that could be asked. */
    BAD_URL,
    /** The address is not public. */
    BLOCKED,
    /** The name is unknown, nobody listens, or the connection broke. */
    UNREACHABLE,
    /** The other side's certificate was refused. */
    TLS,
    /** The answer is not HTTP as we understand it. */
    PROTOCOL,
    TOO_MANY_REDIRECTS,
    TOO_LARGE,
    DEADLINE
  }

  private final Reason reason;

  FetchException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  FetchException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  static FetchException blocked() {
    return new FetchException(Reason.BLOCKED, "blocked address");
  }
}
