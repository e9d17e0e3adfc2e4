package ai.liberclaw.deploy.aleph;

import org.jspecify.annotations.Nullable;

/** A request to the network that brought no usable answer. The text holds no address. */
public final class AlephException extends Exception {
  /** What kind of failure it is. */
  public enum Kind {
    /** Nobody there, or the connection broke: nothing is known of what was asked for. */
    UNREACHABLE,
    /** No answer in time: nothing is known of what was asked for. */
    TIMEOUT,
    /** An address that may not be asked: neither public nor allowed, or without TLS. */
    REFUSED,
    /** An answer that is not what the protocol says. */
    MALFORMED,
    /** The other side kept saying that it has too much to do. */
    BUSY
  }

  private final Kind kind;

  AlephException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
