package ai.liberclaw.agent.mcp;

/** A request that has no result. The message is one line for the model and for the owner. */
final class McpException extends Exception {
  /** What went wrong, as far as it matters to what happens next. */
  enum Kind {
    /** No connection, or it was lost, or what came over it is not the protocol. */
    TRANSPORT,
    /** No answer in time. */
    TIMEOUT,
    /** The server answered with an error of its own, whose words are the server's. */
    REFUSED
  }

  private final Kind kind;

  private McpException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  static McpException transport(String message) {
    return new McpException(Kind.TRANSPORT, message);
  }

  static McpException timeout(String message) {
    return new McpException(Kind.TIMEOUT, message);
  }

  static McpException refused(String message) {
    return new McpException(Kind.REFUSED, message);
  }

  Kind kind() {
    return kind;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
