package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Usage;
import org.jspecify.annotations.Nullable;

/**
 * What some calls of one model cost; null is what no provider has said.
 *
 * @param provider who runs the model
 * @param cachedTokens the part of {@code promptTokens} that came from the provider's prompt cache
 */
public record Spent(
    String provider,
    String model,
    int calls,
    @Nullable Long promptTokens,
    @Nullable Long cachedTokens,
    @Nullable Long completionTokens) {
  Spent plus(Usage usage) {
    return new Spent(
        provider,
        model,
        calls + 1,
        sum(promptTokens, usage.promptTokens()),
        sum(cachedTokens, usage.cachedTokens()),
        sum(completionTokens, usage.completionTokens()));
  }

  private static @Nullable Long sum(@Nullable Long known, @Nullable Integer more) {
    if (more == null) {
      return known;
    }
    return known == null ? more.longValue() : known + more;
  }
}
