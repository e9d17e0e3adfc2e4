package ai.liberclaw.agent.model;

/**
 * A model call that failed for good. The message is a sentence for the person who asked: no key,
 * address, header or body of the provider is in it.
 */
public final class ModelException extends Exception {
  /** Why, as clients read it. */
  public enum ErrorCode {
    INFERENCE_TIMEOUT("inference_timeout"),
    INFERENCE_RATE_LIMITED("inference_rate_limited"),
    INFERENCE_UNAVAILABLE("inference_unavailable"),
    INFERENCE_REJECTED("inference_rejected"),
    INFERENCE_AUTH("inference_auth"),
    /** The conversation is longer than the model's context; a shorter one may succeed. */
    CONTEXT_OVERFLOW("context_overflow");

    private final String wireName;

    ErrorCode(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }
  }

  private final ErrorCode code;

  public ModelException(ErrorCode code, String userMessage) {
    super(userMessage, null, false, false);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }

  public String userMessage() {
    return String.valueOf(getMessage());
  }
}
