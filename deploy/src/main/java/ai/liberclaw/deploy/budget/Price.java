package ai.liberclaw.deploy.budget;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a model costs, in nano-dollars (1e-9 USD).
 *
 * @param prompt per token of a prompt
 * @param cached per token of a prompt that the upstream had kept
 * @param completion per token of an answer
 * @param call per call, for what is not sold by tokens
 */
public record Price(long prompt, long cached, long completion, long call) {
  /** Costs nothing, as models on machines of one's own do. */
  public static final Price FREE = new Price(0, 0, 0, 0);

  /** One dollar per token. */
  private static final long TOKEN_MAX = 1_000_000_000L;

  /** A million dollars per call. */
  private static final long CALL_MAX = 1_000_000_000_000_000L;

  private static final BigDecimal NANO_PER_TOKEN = BigDecimal.valueOf(1000);

  public Price {
    within(prompt, TOKEN_MAX);
    within(cached, TOKEN_MAX);
    within(completion, TOKEN_MAX);
    within(call, CALL_MAX);
  }

  /** Nano-dollars per token of so many USD per million tokens, rounded up. */
  public static long perToken(BigDecimal usdPerMillion) {
    return usdPerMillion
        .multiply(NANO_PER_TOKEN)
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }

  /** What one call with this usage costs. */
  public long of(TokenUsage usage) {
    return call
        + (usage.prompt() - usage.cached()) * prompt
        + usage.cached() * cached
        + usage.completion() * completion;
  }

  /** The dearer of both in each part: what a call costs at most that may go to either. */
  public Price max(Price other) {
    return new Price(
        Math.max(prompt, other.prompt),
        Math.max(cached, other.cached),
        Math.max(completion, other.completion),
        Math.max(call, other.call));
  }

  /** Per token of a prompt of which nobody knows how much was cached. */
  long promptMax() {
    return Math.max(prompt, cached);
  }

  private static void within(long nanodollars, long max) {
    if (nanodollars < 0 || nanodollars > max) {
      throw new IllegalArgumentException("no such price: " + nanodollars + " nano-dollars");
    }
  }
}
