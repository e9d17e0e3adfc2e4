package ai.liberclaw.agent.context;

import java.util.Locale;

/**
 * How much of a conversation fits into one request.
 *
 * @param windowTokens the model's context window
 * @param reserveTokens of it, kept free for the answer
 * @param rowsMax rows of history above which a chat is compacted, whatever their size
 * @param threshold share of the budget at which compaction begins
 * @param keepRowsMin rows kept verbatim when the budget is reached
 * @param keepRowsMax rows kept verbatim when compaction just begins
 */
public record ContextLimits(
    int windowTokens,
    int reserveTokens,
    int rowsMax,
    double threshold,
    int keepRowsMin,
    int keepRowsMax) {
  /** The share of the budget at which compaction begins, unless configured otherwise. */
  public static final double THRESHOLD_DEFAULT = 0.75;

  /** Rows that stay under the greatest pressure, unless configured otherwise. */
  public static final int KEEP_ROWS_MIN_DEFAULT = 6;

  private static final int WINDOW_DEFAULT_TOKENS = 32_768;

  /** What each of them has at least. */
  private static final int CLAUDE_TOKENS = 200_000;

  /** Less than this can hold no conversation, whatever the reserve says. */
  private static final int BUDGET_MIN_TOKENS = 1_024;

  public ContextLimits {
    if (windowTokens < 1 || reserveTokens < 0 || rowsMax < 1 || keepRowsMax < 1) {
      throw new IllegalArgumentException("context limits must be positive");
    }
    threshold = Math.clamp(threshold, 0.1, 1.0);
    keepRowsMin = Math.clamp(keepRowsMin, 1, keepRowsMax);
  }

  /**
   * The limits of a model.
   *
   * @param windowOverride tokens; 0 looks the model up
   */
  public static ContextLimits of(
      String model, int windowOverride, int reserveTokens, int rowsMax, int keepRowsMax) {
    return new ContextLimits(
        windowOverride > 0 ? windowOverride : windowTokensOf(model),
        reserveTokens,
        rowsMax,
        THRESHOLD_DEFAULT,
        KEEP_ROWS_MIN_DEFAULT,
        keepRowsMax);
  }

  /** The context window of a model, in tokens; a cautious guess for one that is not known. */
  public static int windowTokensOf(String model) {
    return switch (model.toLowerCase(Locale.ROOT)) {
      case "qwen3-coder-next" -> 98_304;
      case "glm-4.7" -> 131_072;
      default -> model.startsWith("claude-") ? CLAUDE_TOKENS : WINDOW_DEFAULT_TOKENS;
    };
  }

  /** The same for a model whose provider tells its context. */
  public ContextLimits withWindow(int tokens) {
    return new ContextLimits(tokens, reserveTokens, rowsMax, threshold, keepRowsMin, keepRowsMax);
  }

  /** Tokens a request may have. */
  public int budgetTokens() {
    return Math.max(windowTokens - reserveTokens, BUDGET_MIN_TOKENS);
  }

  /**
   * Rows to keep verbatim: fewer the fuller the request.
   *
   * @param fill size of the request as a share of the budget
   */
  int keepRows(double fill) {
    double pressure =
        threshold >= 1 ? 1 : Math.clamp((fill - threshold) / (1 - threshold), 0.0, 1.0);
    int keep = (int) Math.round(keepRowsMax - pressure * (keepRowsMax - keepRowsMin));
    return Math.clamp(keep, 1, Math.max(1, rowsMax / 2));
  }
}
