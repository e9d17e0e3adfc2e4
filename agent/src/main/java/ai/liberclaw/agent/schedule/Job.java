package ai.liberclaw.agent.schedule;

import java.util.Optional;

/**
 * A task that comes due at times.
 *
 * @param id names it in the file and in its chat
 * @param deliverTo the chat that gets its results; absent: the owner's
 */
record Job(String id, Timing timing, String task, boolean enabled, Optional<String> deliverTo) {
  /** The task of following HEARTBEAT.md. */
  static final String HEARTBEAT = "__heartbeat__";

  /** How the chats of all other jobs begin. */
  static final String CHAT_PREFIX = "__cron_";

  private static final String CHAT_SUFFIX = "__";

  /** Not in an id. */
  private static final char KEY_BREAK = '\n';

  /** A job whose timing is changed begins anew. */
  String key() {
    return id + KEY_BREAK + timing.text();
  }

  /** The id of the job that a key was made of. */
  static String idOfKey(String key) {
    return key.substring(0, key.indexOf(KEY_BREAK));
  }

  static String chatId(String id) {
    return id.equals(HEARTBEAT) ? HEARTBEAT : CHAT_PREFIX + id + CHAT_SUFFIX;
  }

  /** The id of the job whose chat this is. */
  static String idOf(String chatId) {
    return chatId.startsWith(CHAT_PREFIX) && chatId.endsWith(CHAT_SUFFIX)
        ? chatId.substring(CHAT_PREFIX.length(), chatId.length() - CHAT_SUFFIX.length())
        : chatId;
  }
}
