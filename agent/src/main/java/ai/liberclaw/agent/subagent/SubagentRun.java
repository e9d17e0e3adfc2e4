package ai.liberclaw.agent.subagent;

import java.time.Duration;
import java.util.Optional;

/**
 * One task in the background.
 *
 * @param id a UUID
 * @param chatId the chat that asked for it
 * @param label names it to the user, one line
 * @param persona how the subagent shall see itself; may be empty
 * @param timeMax wall clock, counted anew when it goes on after a restart
 */
public record SubagentRun(
    String id,
    String chatId,
    String label,
    String task,
    Role role,
    String persona,
    Duration timeMax) {
  /** How the chats of subagents begin. */
  public static final String CHAT_PREFIX = "__subagent_";

  private static final String CHAT_SUFFIX = "__";

  /** The chat in which it runs. */
  public String ownChatId() {
    return CHAT_PREFIX + id + CHAT_SUFFIX;
  }

  /** The id of the run whose own chat this is. */
  static Optional<String> idOf(String ownChatId) {
    return ownChatId.startsWith(CHAT_PREFIX) && ownChatId.endsWith(CHAT_SUFFIX)
        ? Optional.of(
            ownChatId.substring(CHAT_PREFIX.length(), ownChatId.length() - CHAT_SUFFIX.length()))
        : Optional.empty();
  }

  /** What became of a run; the names are those in the database. */
  public enum State {
    RUNNING("running"),
    COMPLETED("completed"),
    FAILED("failed"),
    TIMEOUT("timeout"),
    CANCELLED("cancelled");

    private final String wireName;

    State(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }

    static State of(String wireName) {
      for (State state : values()) {
        if (state.wireName.equals(wireName)) {
          return state;
        }
      }
      throw new IllegalArgumentException("no such state: " + wireName);
    }
  }
}
