package ai.liberclaw.agent.telegram;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Somebody who wrote to the bot: a user, or a group as a whole.
 *
 * @param telegramId the user's id, or the group's
 * @param chatId Telegram's id of the chat with them
 * @param type {@code private}, {@code group} or {@code supergroup}
 * @param username empty for none
 */
record Contact(
    long id,
    String telegramId,
    String chatId,
    String type,
    String displayName,
    String username,
    Status status,
    String createdAt,
    String updatedAt) {
  /** Whether the agent talks to them. */
  enum Status {
    /** The owner has not decided. */
    PENDING,
    ALLOWED,
    BLOCKED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Status> of(String wireName) {
      return Arrays.stream(values())
          .filter(status -> status.wireName().equals(wireName))
          .findFirst();
    }
  }

  boolean isAllowed() {
    return status == Status.ALLOWED;
  }

  /** Telegram's id of the chat with them; empty when a foreign file has none. */
  Optional<Long> chat() {
    return TelegramChats.telegramChat(TelegramChats.PREFIX + chatId);
  }

  ObjectNode json() {
    return Json.object()
        .put("id", id)
        .put("telegram_id", telegramId)
        .put("chat_id", chatId)
        .put("chat_type", type)
        .put("display_name", displayName)
        .put("username", username.isEmpty() ? null : username)
        .put("status", status.wireName())
        .put("created_at", createdAt)
        .put("updated_at", updatedAt);
  }
}
