package ai.liberclaw.deploy.budget;

import java.util.Optional;

/**
 * A call that is to be made.
 *
 * @param model as it is shown in meters, at most {@value #MODEL_LENGTH_MAX} characters
 * @param price of the dearest upstream that may serve it; empty: unknown, which is refused
 * @param promptTokensMax no prompt of this size has more; its bytes are such a bound
 * @param promptTokensLikely what is taken where nobody counted in the end
 * @param completionTokensMax what the caller asks for, or the most the model gives
 * @param completionTokensMin what it can do with when little is left; as many as the former when
 *     the answer can't be made shorter
 * @param ownKeyAllowed the upstream takes a key of the user's own, if there is one
 */
public record Ask(
    Spender spender,
    String model,
    Optional<Price> price,
    long promptTokensMax,
    long promptTokensLikely,
    long completionTokensMax,
    long completionTokensMin,
    boolean ownKeyAllowed) {
  static final int MODEL_LENGTH_MAX = 200;

  public Ask {
    if (model.isEmpty() || model.length() > MODEL_LENGTH_MAX) {
      throw new IllegalArgumentException("no such model: " + model.length() + " characters");
    }
    if (promptTokensLikely < 0
        || promptTokensLikely > promptTokensMax
        || promptTokensMax > TokenUsage.TOKENS_MAX
        || completionTokensMin < 0
        || completionTokensMin > completionTokensMax
        || completionTokensMax > TokenUsage.TOKENS_MAX) {
      throw new IllegalArgumentException("no such bounds of tokens");
    }
  }

  /** The same without the user's own key: it was refused, or it can't be read. */
  public Ask withoutOwnKey() {
    return new Ask(
        spender,
        model,
        price,
        promptTokensMax,
        promptTokensLikely,
        completionTokensMax,
        completionTokensMin,
        false);
  }
}
