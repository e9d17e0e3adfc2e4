package ai.liberclaw.deploy.client;

/** A call to an agent that gave no usable answer. */
public final class AgentException extends Exception {
  /** What is known of the failed call. */
  public enum Kind {
    /** The connection could not be made: the request did not reach the agent. */
    UNREACHABLE,
    /** The connection was made and then lost, or what came was not HTTP. */
    LOST,
    /** Nothing came in time. */
    SILENT,
    /** The agent answered with another status than 2xx. */
    STATUS,
    /** The agent answered more than is taken. */
    TOO_LARGE,
    /** The agent's answer was not the JSON it should be. */
    NOT_JSON
  }

  private final Kind kind;
  private final int status;

  AgentException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.status = 0;
  }

  AgentException(Kind kind, int status, String message) {
    super(message);
    this.kind = kind;
    this.status = status;
  }

  public Kind kind() {
    return kind;
  }

  /** The agent's status when {@link #kind} is {@link Kind#STATUS}, else 0. */
  public int status() {
    return status;
  }
}
