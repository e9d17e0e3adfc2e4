package ai.liberclaw.agent.turn;

import java.util.Optional;

/**
 * A message somebody sends.
 *
 * @param message not blank
 * @param mode {@code chat} or {@code coding}
 * @param clientMessageId the sender's own name for the message: the same one again is the same turn
 * @param resumes the sender comes back for what it missed, so nothing is kept for it elsewhere
 * @param approvals the sender can be asked about tool calls; others get a refusal instead
 * @param policy a tool mode that narrows the agent's own for this turn
 */
public record NewTurn(
    String chatId,
    String message,
    String mode,
    Optional<String> clientMessageId,
    boolean resumes,
    boolean approvals,
    Optional<String> policy) {
  public static final String MODE_CHAT = "chat";
  public static final String MODE_CODING = "coding";

  public NewTurn {
    if (chatId.isEmpty() || message.isBlank()) {
      throw new IllegalArgumentException("a turn needs a chat and a message");
    }
  }

  /** A message whose sender cannot be asked, under the agent's own policy. */
  public NewTurn(
      String chatId,
      String message,
      String mode,
      Optional<String> clientMessageId,
      boolean resumes) {
    this(chatId, message, mode, clientMessageId, resumes, false, Optional.empty());
  }

  /** The same from a sender that can be asked about tool calls. */
  public NewTurn asking() {
    return new NewTurn(chatId, message, mode, clientMessageId, resumes, true, policy);
  }

  /**
   * The same under a stricter tool mode.
   *
   * @param toolMode such as {@code auto-read}
   */
  public NewTurn under(String toolMode) {
    return new NewTurn(
        chatId, message, mode, clientMessageId, resumes, approvals, Optional.of(toolMode));
  }

  /** A message from inside the agent, for a chat of its own. */
  public static NewTurn internal(String chatId, String message) {
    return new NewTurn(chatId, message, MODE_CHAT, Optional.empty(), true);
  }
}
