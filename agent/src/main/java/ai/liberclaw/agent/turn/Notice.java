package ai.liberclaw.agent.turn;

/**
 * A message that waits for its chat until somebody fetches it.
 *
 * @param source who says it, such as {@code subagent} or {@code heartbeat_file}
 */
public record Notice(String chatId, String source, String content) {
  /** Source of a final text that no reader was there for. */
  public static final String CHAT = "chat";
}
