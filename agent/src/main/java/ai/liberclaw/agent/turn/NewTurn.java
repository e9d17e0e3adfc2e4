package ai.liberclaw.agent.turn;

import java.util.Optional;

/**
 * A message somebody sends.
 *
 * @param message not blank
 * @param mode {@code chat} or {@code coding}
 * @param clientMessageId the sender's own name for the message: the same one again is the same turn
 * @param resumes the sender comes back for what it missed, so nothing is kept for it elsewhere
 */
public record NewTurn(
    String chatId,
    String message,
    String mode,
    Optional<String> clientMessageId,
    boolean resumes) {
  public static final String MODE_CHAT = "chat";
  public static final String MODE_CODING = "coding";

  public NewTurn {
    if (chatId.isEmpty() || message.isBlank()) {
      throw new IllegalArgumentException("a turn needs a chat and a message");
    }
  }

  /** A message from inside the agent, for a chat of its own. */
  public static NewTurn internal(String chatId, String message) {
    return new NewTurn(chatId, message, MODE_CHAT, Optional.empty(), true);
  }
}
