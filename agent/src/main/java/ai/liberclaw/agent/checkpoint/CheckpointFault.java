package ai.liberclaw.agent.checkpoint;

/** What was asked of the checkpoints cannot be done; the message is for whoever asked. */
public final class CheckpointFault extends Exception {
  private final Kind kind;

  /** Why, for callers that answer differently. */
  public enum Kind {
    UNKNOWN,
    BUSY,
    TOO_LARGE,
    DAMAGED
  }

  CheckpointFault(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
