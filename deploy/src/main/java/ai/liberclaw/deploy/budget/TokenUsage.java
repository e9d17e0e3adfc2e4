package ai.liberclaw.deploy.budget;

/**
 * Tokens of one call as the upstream counted them.
 *
 * @param prompt all of the prompt
 * @param cached those of the prompt that the upstream had kept
 * @param completion of the answer, with those of reasoning
 */
public record TokenUsage(long prompt, long cached, long completion) {
  public static final TokenUsage NONE = new TokenUsage(0, 0, 0);

  /** More than any call has; a number beyond it is an error of who counted. */
  static final long TOKENS_MAX = 1_000_000_000L;

  public TokenUsage {
    if (prompt < 0
        || cached < 0
        || completion < 0
        || prompt > TOKENS_MAX
        || completion > TOKENS_MAX) {
      throw new IllegalArgumentException(
          "no such usage: " + prompt + ", " + cached + ", " + completion + " tokens");
    }
    cached = Math.min(cached, prompt);
  }
}
