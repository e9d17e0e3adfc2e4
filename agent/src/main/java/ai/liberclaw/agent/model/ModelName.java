package ai.liberclaw.agent.model;

import ai.liberclaw.core.model.ModelProvider;
import java.util.List;
import java.util.Optional;

/**
 * A model of a provider, written {@code provider:model}; the model's own name may hold colons.
 *
 * @param provider of the network; the demo is nobody's second choice
 */
public record ModelName(ModelProvider provider, String model) {
  /** The providers that may be named. */
  static final List<ModelProvider> PROVIDERS =
      List.of(ModelProvider.OPENAI, ModelProvider.OLLAMA, ModelProvider.ANTHROPIC);

  /** Empty when it does not begin with a provider and a colon, or nothing follows. */
  static Optional<ModelName> parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0 || text.substring(colon + 1).isBlank()) {
      return Optional.empty();
    }
    String prefix = text.substring(0, colon).strip();
    return PROVIDERS.stream()
        .filter(provider -> provider.wireName().equals(prefix))
        .findFirst()
        .map(provider -> new ModelName(provider, text.substring(colon + 1).strip()));
  }

  static String providers() {
    return String.join(", ", PROVIDERS.stream().map(ModelProvider::wireName).toList());
  }

  @Override
  public String toString() {
    return provider.wireName() + ":" + model;
  }
}
