package ai.liberclaw.core.model;

import ai.liberclaw.core.config.ConfigException;
import java.util.List;
import java.util.Optional;

/**
 * The decision which model answers.
 *
 * @param model its id as the provider knows it
 * @param reason one sentence for people: what was chosen and why
 */
public record ModelChoice(ModelProvider provider, String model, String reason) {

  /**
   * What is known before the decision.
   *
   * @param provider one of {@link ModelProvider#SETTINGS}
   * @param keyPresent whether there is a key for the OpenAI-compatible provider
   * @param ollamaBaseUrl such as {@code http://127.0.0.1:11434}
   * @param ollamaModel preferred after the agent's own; may be empty
   * @param model the agent's model
   */
  public record Settings(
      String provider,
      boolean keyPresent,
      String ollamaBaseUrl,
      String ollamaModel,
      String model) {}

  /**
   * Decides; asks Ollama when it comes to that, which takes a second at most when nothing listens.
   *
   * @throws ConfigException when the settings ask for what cannot be
   */
  public static ModelChoice of(Settings settings) {
    return switch (settings.provider()) {
      case "openai" -> openAi(settings, "MODEL_PROVIDER says so");
      case "ollama" -> ollama(settings);
      case "offline" -> offline("MODEL_PROVIDER says so");
      case ModelProvider.AUTO -> auto(settings);
      case "anthropic" ->
          new ModelChoice(
              ModelProvider.ANTHROPIC,
              settings.model(),
              "Using the model "
                  + settings.model()
                  + " of the Anthropic-compatible provider: MODEL_PROVIDER says so.");
      default ->
          throw refusal(
              "MODEL_PROVIDER must be one of " + String.join(", ", ModelProvider.SETTINGS));
    };
  }

  private static ModelChoice openAi(Settings settings, String why) {
    if (!settings.keyPresent()) {
      throw refusal("LIBERTAI_API_KEY is required while MODEL_PROVIDER is openai");
    }
    return new ModelChoice(
        ModelProvider.OPENAI,
        settings.model(),
        "Using the model " + settings.model() + " of the OpenAI-compatible provider: " + why + ".");
  }

  private static ModelChoice ollama(Settings settings) {
    Optional<List<String>> installed = new Ollama(settings.ollamaBaseUrl()).installed();
    if (installed.isEmpty()) {
      // It may come up later than the agent; until then calls fail with a clear error.
      String model = settings.ollamaModel().isEmpty() ? settings.model() : settings.ollamaModel();
      return new ModelChoice(
          ModelProvider.OLLAMA,
          model,
          "Using the model " + model + " of Ollama, which does not answer yet.");
    }
    return installedChoice(settings, installed.get())
        .orElseThrow(() -> refusal(noneFits(settings)));
  }

  private static ModelChoice auto(Settings settings) {
    if (settings.keyPresent()) {
      return openAi(settings, "there is an API key");
    }
    Optional<List<String>> installed = new Ollama(settings.ollamaBaseUrl()).installed();
    if (installed.isEmpty()) {
      return offline("there is no API key, and no Ollama answers on this machine");
    }
    return installedChoice(settings, installed.get())
        .orElseGet(() -> offline("there is no API key, and " + noneFits(settings)));
  }

  private static Optional<ModelChoice> installedChoice(Settings settings, List<String> installed) {
    Optional<String> own = find(settings.model(), installed);
    if (own.isPresent()) {
      return Optional.of(ollamaChoice(own.get(), "the agent's model is installed there"));
    }
    Optional<String> named = find(settings.ollamaModel(), installed);
    if (named.isPresent()) {
      return Optional.of(ollamaChoice(named.get(), "OLLAMA_MODEL names it"));
    }
    return new Ollama(settings.ollamaBaseUrl())
        .firstWithTools(installed)
        .map(model -> ollamaChoice(model, "it is the first installed one that can use tools"));
  }

  private static ModelChoice ollamaChoice(String model, String why) {
    return new ModelChoice(
        ModelProvider.OLLAMA, model, "Using the model " + model + " of Ollama: " + why + ".");
  }

  private static ModelChoice offline(String why) {
    return new ModelChoice(
        ModelProvider.OFFLINE, OfflineDemo.MODEL, "Using the offline demo model: " + why + ".");
  }

  /** A name without a tag means {@code :latest}. */
  private static Optional<String> find(String model, List<String> installed) {
    if (model.isEmpty()) {
      return Optional.empty();
    }
    return installed.stream()
        .filter(name -> name.equals(model) || name.equals(model + ":latest"))
        .findFirst();
  }

  private static String noneFits(Settings settings) {
    String wanted =
        settings.ollamaModel().isEmpty()
            ? settings.model()
            : settings.model() + " or " + settings.ollamaModel();
    return "Ollama has neither "
        + wanted
        + " nor another model that can use tools (get one with: ollama pull <model>)";
  }

  private static ConfigException refusal(String problem) {
    return new ConfigException(List.of(problem));
  }
}
