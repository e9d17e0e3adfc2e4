package ai.liberclaw.agent.telegram;

import ai.liberclaw.core.config.EnvReader;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the agent is reached on Telegram.
 *
 * @param token the bot's; empty for no bot. It is a secret, though the Bot API wants it in the URL
 * @param ownerId the user who may write without having been let in; empty for none
 * @param apiBase without a slash at its end
 * @param retryBase the wait before the first retry
 * @param stillWorkingAfter silence of a turn after which its chat is told; zero is never
 */
public record TelegramSettings(
    String token, String ownerId, String apiBase, Duration retryBase, Duration stillWorkingAfter) {
  /** The variable that holds the token. */
  public static final String TOKEN_VARIABLE = "TELEGRAM_BOT_TOKEN";

  private static final String API_BASE_DEFAULT = "https://api.telegram.org";
  private static final Pattern TOKEN = Pattern.compile("[0-9]{1,20}:[A-Za-z0-9_-]{10,100}");
  private static final Pattern USER_ID = Pattern.compile("[0-9]{1,19}");

  /**
   * Reads the variables and notes their problems in the reader.
   *
   * @param ownerId the owner's id on Telegram, which others need too; empty for none
   */
  public static TelegramSettings fromEnv(EnvReader env, String ownerId) {
    String token = env.text(TOKEN_VARIABLE, "", "token of the agent's own Telegram bot").strip();
    if (!token.isEmpty() && !TOKEN.matcher(token).matches()) {
      env.problem(TOKEN_VARIABLE, "must have the form <number>:<letters>, as BotFather gives it");
    }
    if (!ownerId.isEmpty() && !USER_ID.matcher(ownerId).matches()) {
      env.problem("OWNER_TELEGRAM_ID", "must be a number");
    }
    String base =
        env.text("TELEGRAM_API_BASE_URL", API_BASE_DEFAULT, "address of the Bot API").strip();
    if (!isWebAddress(base)) {
      env.problem("TELEGRAM_API_BASE_URL", "must be an http or https address");
    }
    return new TelegramSettings(
        token,
        ownerId,
        base.replaceAll("/+$", ""),
        Duration.ofMillis(
            env.integer(
                "TELEGRAM_RETRY_BASE_MS", 1000, 1, 60_000, "wait before Telegram is asked again")),
        env.seconds(
            "TELEGRAM_STILL_WORKING", 120, 0, "silence after which a chat is told; 0 is never"));
  }

  public boolean enabled() {
    return !token.isEmpty();
  }

  /** The owner's conversation with the bot; empty without an owner or without a bot. */
  public Optional<String> ownerChat() {
    return enabled() && !ownerId.isEmpty()
        ? Optional.of(TelegramChats.PREFIX + ownerId)
        : Optional.empty();
  }

  /** The bot's id, which is no secret. */
  String botId() {
    return token.substring(0, token.indexOf(':'));
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "TelegramSettings[enabled=" + enabled() + "]";
  }

  private static boolean isWebAddress(String text) {
    try {
      URI uri = URI.create(text);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
