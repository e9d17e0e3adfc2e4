package ai.liberclaw.agent.context;

import java.util.regex.Pattern;

/** Where a chat takes place, as far as its id tells. */
enum Channel {
  TELEGRAM(
      "telegram",
      """
      This chat is on Telegram, read on a phone: keep answers short, use little formatting, no \
      tables, and send anything long as a file.\
      """),
  /** Where chats are by default: nothing to tell. */
  APP("api", ""),
  CODING("api", "This is a coding task: the user reads your final report, and the changes."),
  ALONE("api", "Nobody is watching this chat: you cannot ask, and only what you deliver is seen.");

  /** Ids of chats that the platform's and the agent's own Telegram bots give. */
  private static final Pattern TELEGRAM_ID = Pattern.compile("(intro_)?(tg:)?-?[0-9]{1,20}");

  private static final String CODING_PREFIX = "coding:";
  private static final String INTERNAL_PREFIX = "__";

  private final String platform;
  private final String hint;

  Channel(String platform, String hint) {
    this.platform = platform;
    this.hint = hint;
  }

  static Channel of(String chatId) {
    if (chatId.startsWith(INTERNAL_PREFIX)) {
      return ALONE;
    }
    if (chatId.startsWith(CODING_PREFIX)) {
      return CODING;
    }
    return TELEGRAM_ID.matcher(chatId).matches() ? TELEGRAM : APP;
  }

  /** As skills name it: {@code telegram} or {@code api}. */
  String platform() {
    return platform;
  }

  /** What the model should know of it. */
  String hint() {
    return hint;
  }
}
