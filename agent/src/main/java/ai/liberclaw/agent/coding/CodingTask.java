package ai.liberclaw.agent.coding;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One task on code.
 *
 * @param message what the model is asked, with its context
 * @param turnId absent until its turn is stored
 */
public record CodingTask(
    String id,
    Mode mode,
    String message,
    State state,
    Optional<String> turnId,
    Instant createdAt,
    Optional<Instant> endedAt) {
  /** How the chats of tasks begin. */
  public static final String CHAT_PREFIX = "coding:";

  /** The chat in which it is worked on. */
  String chatId() {
    return CHAT_PREFIX + id;
  }

  static String idOf(String chatId) {
    return chatId.substring(CHAT_PREFIX.length());
  }

  /** What may be done. */
  public enum Mode {
    IMPLEMENT,
    /** Nothing is changed. */
    INSPECT;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Mode of(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }

  /** Where it stands. All but the first are final. */
  public enum State {
    RUNNING,
    DONE,
    CANCELLED,
    FAILED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }
}
