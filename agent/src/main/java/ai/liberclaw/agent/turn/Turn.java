package ai.liberclaw.agent.turn;

import java.util.Optional;

/**
 * One stored turn.
 *
 * @param id a UUID
 * @param message what the user said; empty once the chat was deleted
 * @param approvals the sender can be asked about tool calls
 * @param policy a tool mode that narrows the agent's own for this turn
 */
public record Turn(
    String id,
    String chatId,
    String message,
    String mode,
    boolean resumes,
    boolean approvals,
    Optional<String> policy) {
  /** A turn whose sender cannot be asked, under the agent's own policy. */
  public Turn(String id, String chatId, String message, String mode, boolean resumes) {
    this(id, chatId, message, mode, resumes, false, Optional.empty());
  }
}
