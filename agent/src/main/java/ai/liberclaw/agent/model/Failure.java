package ai.liberclaw.agent.model;

import ai.liberclaw.agent.model.ModelException.ErrorCode;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** One attempt that failed. Its message is for the log: a status or a kind, no provider's words. */
final class Failure extends Exception {
  private static final List<String> OVERFLOW_WORDS =
      List.of(
          "context length",
          "context_length",
          "context window",
          "context size",
          "maximum context",
          "context limit",
          "maximum tokens",
          "maximum number of tokens",
          "too many tokens",
          "prompt is too long");

  private final ErrorCode code;
  private final String userMessage;
  private final boolean retryable;
  private final OptionalLong retryAfterSeconds;
  private final Mode.Remedy remedy;

  private Failure(
      ErrorCode code,
      String userMessage,
      String reason,
      boolean retryable,
      OptionalLong retryAfterSeconds,
      Mode.Remedy remedy) {
    super(reason, null, false, false);
    this.code = code;
    this.userMessage = userMessage;
    this.retryable = retryable;
    this.retryAfterSeconds = retryAfterSeconds;
    this.remedy = remedy;
  }

  /** No byte for too long, or the whole call took too long. */
  static Failure timeout(String reason) {
    return retryable(
        ErrorCode.INFERENCE_TIMEOUT,
        "The AI model took too long to respond. Please try again.",
        reason,
        OptionalLong.empty());
  }

  /** Not reached, broken off, or not understood. */
  static Failure unavailable(String reason) {
    return unavailable(reason, OptionalLong.empty());
  }

  static Failure tooLarge(int bytesMax) {
    return fatal(
        ErrorCode.INFERENCE_REJECTED,
        "The AI model's answer was larger than " + bytesMax / (1024 * 1024) + " MiB.",
        "answer over " + bytesMax + " bytes");
  }

  /** A 200 whose data is an error. */
  static Failure reported(String words) {
    if (isOverflow(words)) {
      return overflow("error in the stream");
    }
    return words.contains("rate_limit")
        ? rateLimited("rate limit in the stream", OptionalLong.empty())
        : unavailable("error in the stream");
  }

  /** The provider ended its answer because it does not want to give one. */
  static Failure declined() {
    return fatal(
        ErrorCode.INFERENCE_REJECTED,
        "The AI model declined to answer this.",
        "declined by the provider");
  }

  /**
   * A refusal that asking again in the same way would not change.
   *
   * @param userMessage a sentence for people, without anything of the provider's own words
   */
  static Failure rejected(String userMessage, String reason, Mode.Remedy remedy) {
    return new Failure(
        ErrorCode.INFERENCE_REJECTED, userMessage, reason, false, OptionalLong.empty(), remedy);
  }

  /**
   * A status other than 200.
   *
   * @param body the beginning of the answer; only judged, never shown
   */
  static Failure status(int status, String body, OptionalLong retryAfterSeconds) {
    String reason = "status " + status;
    if (status == 429) {
      return rateLimited(reason, retryAfterSeconds);
    }
    if (status >= 500) {
      return unavailable(reason, retryAfterSeconds);
    }
    if (status == 401 || status == 403) {
      return fatal(
          ErrorCode.INFERENCE_AUTH,
          "The AI model's provider did not accept this agent's API key.",
          reason);
    }
    if ((status == 400 || status == 413) && isOverflow(body)) {
      return overflow(reason);
    }
    String sentence =
        status == 404
            ? "The AI model's provider does not know this model."
            : "The AI model's provider refused the request (HTTP " + status + ").";
    boolean streamRefused =
        (status == 400 || status == 422) && body.toLowerCase(Locale.ROOT).contains("stream");
    return rejected(
        sentence, reason, streamRefused ? Mode.Remedy.WITHOUT_STREAM : Mode.Remedy.NONE);
  }

  ModelException toModelException() {
    return new ModelException(code, userMessage);
  }

  ErrorCode code() {
    return code;
  }

  boolean isRetryable() {
    return retryable;
  }

  OptionalLong retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** What the server seems not to know, and would do without. */
  Mode.Remedy remedy() {
    return remedy;
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  private static boolean isOverflow(String words) {
    String lower = words.toLowerCase(Locale.ROOT);
    return OVERFLOW_WORDS.stream().anyMatch(lower::contains);
  }

  private static Failure overflow(String reason) {
    return fatal(
        ErrorCode.CONTEXT_OVERFLOW,
        "This conversation is longer than the AI model can read.",
        reason);
  }

  private static Failure rateLimited(String reason, OptionalLong retryAfterSeconds) {
    return retryable(
        ErrorCode.INFERENCE_RATE_LIMITED,
        "The AI model is receiving too many requests right now. Please try again in a moment.",
        reason,
        retryAfterSeconds);
  }

  static Failure unavailable(String reason, OptionalLong retryAfterSeconds) {
    return retryable(
        ErrorCode.INFERENCE_UNAVAILABLE,
        "The AI model cannot be reached right now. Please try again.",
        reason,
        retryAfterSeconds);
  }

  private static Failure retryable(
      ErrorCode code, String userMessage, String reason, OptionalLong retryAfterSeconds) {
    return new Failure(code, userMessage, reason, true, retryAfterSeconds, Mode.Remedy.NONE);
  }

  private static Failure fatal(ErrorCode code, String userMessage, String reason) {
    return new Failure(code, userMessage, reason, false, OptionalLong.empty(), Mode.Remedy.NONE);
  }
}
