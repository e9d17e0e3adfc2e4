package ai.liberclaw.agent.scope;

import ai.liberclaw.core.config.EnvReader;

/**
 * Who the agent belongs to.
 *
 * @param chatId a chat, or the user whose chats begin with this id and a colon; empty for none
 * @param telegramId a Telegram user; empty for none
 */
public record Owner(String chatId, String telegramId) {
  /** How the chats of the agent's own Telegram bot begin. */
  private static final String TELEGRAM_CHAT = "tg:";

  /** How chats begin in which an agent introduces itself to somebody. */
  private static final String INTRODUCTION = "intro_";

  /** Reads the variables of which the chat is not one: it has a reader already. */
  public static Owner fromEnv(EnvReader env, String chatId) {
    return new Owner(
        chatId, env.text("OWNER_TELEGRAM_ID", "", "the owner's id on Telegram").strip());
  }

  /** False when nobody has said who the owner is. */
  public boolean known() {
    return !chatId.isEmpty() || !telegramId.isEmpty();
  }

  /** Whether this chat is one of the owner's. */
  boolean owns(String chat) {
    String plain = chat.startsWith(INTRODUCTION) ? chat.substring(INTRODUCTION.length()) : chat;
    return (!chatId.isEmpty() && (plain.equals(chatId) || plain.startsWith(chatId + ":")))
        || (!telegramId.isEmpty()
            && (plain.equals(telegramId) || plain.equals(TELEGRAM_CHAT + telegramId)));
  }
}
