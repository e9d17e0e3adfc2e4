package ai.liberclaw.agent.checkpoint;

import java.time.Instant;

/**
 * A state of the workspace that is kept.
 *
 * @param id lower-case hex; any beginning of it that is unique names it too
 * @param message what it is for, on one line
 */
public record Checkpoint(String id, String message, Instant createdAt) {
  /** Hex digits of an id that are shown. */
  public static final int SHORT_LENGTH = 10;

  public String shortId() {
    return id.substring(0, SHORT_LENGTH);
  }
}
