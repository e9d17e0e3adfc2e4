package ai.liberclaw.agent.telegram;

import java.util.Optional;

/** The names that Telegram's chats have as conversations of the agent. */
final class TelegramChats {
  static final String PREFIX = "tg:";

  private TelegramChats() {}

  static String conversation(long telegramChat) {
    return PREFIX + telegramChat;
  }

  /** Telegram's id of the chat behind a conversation. */
  static Optional<Long> telegramChat(String conversation) {
    if (!conversation.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(conversation.substring(PREFIX.length())));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
