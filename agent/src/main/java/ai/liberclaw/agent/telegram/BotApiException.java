package ai.liberclaw.agent.telegram;

import java.time.Duration;

/**
 * The Bot API did not do as it was asked. The message holds neither the address, which has the
 * token in it, nor what was sent.
 */
final class BotApiException extends Exception {
  /** What is known of the request. */
  enum Kind {
    /** It did not get there. */
    NOT_SENT,
    /** It may have been carried out: the answer is missing or cannot be read. */
    UNCERTAIN,
    /** It was answered with an error. */
    REFUSED
  }

  private final Kind kind;
  private final int status;
  private final String description;
  private final Duration retryAfter;

  /**
   * @param status of a refusal; else 0
   * @param retryAfter of a refusal because of too many requests; else zero
   */
  BotApiException(String method, Kind kind, int status, String description, Duration retryAfter) {
    super(method + ": " + (status > 0 ? status + " " : "") + description);
    this.kind = kind;
    this.status = status;
    this.description = description;
    this.retryAfter = retryAfter;
  }

  Kind kind() {
    return kind;
  }

  int status() {
    return status;
  }

  String description() {
    return description;
  }

  Duration retryAfter() {
    return retryAfter;
  }

  boolean isRateLimit() {
    return status == 429;
  }

  /** True when the same request may succeed later. */
  boolean isPassing() {
    return kind != Kind.REFUSED || status == 429 || status >= 500;
  }
}
