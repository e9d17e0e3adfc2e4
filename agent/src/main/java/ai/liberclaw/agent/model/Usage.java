package ai.liberclaw.agent.model;

import org.jspecify.annotations.Nullable;

/**
 * Tokens that one model call cost; null is what the provider did not say.
 *
 * @param cachedTokens the part of {@code promptTokens} that came from the provider's prompt cache
 */
public record Usage(
    @Nullable Integer promptTokens,
    @Nullable Integer cachedTokens,
    @Nullable Integer completionTokens) {
  /** Nothing is known. */
  public static Usage unknown() {
    return new Usage(null, null, null);
  }
}
