package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.model.ModelChoice;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Makes the model that the settings ask for. */
public final class Models {
  private static final System.Logger LOG = System.getLogger(Models.class.getName());

  /** Fast enough to read along with, and a whole reply takes well under a second. */
  private static final Duration OFFLINE_PAUSE = Duration.ofMillis(8);

  private Models() {}

  /**
   * Decides by {@link ModelChoice} and logs what it decided.
   *
   * @throws ConfigException when the settings ask for what cannot be
   */
  public static Model create(ModelSettings settings) {
    ModelChoice choice = ModelChoice.of(settings.choiceSettings());
    LOG.log(
        Level.INFO,
        "model.chosen provider={0} model={1} reason={2}",
        choice.provider().wireName(),
        choice.model(),
        choice.reason());
    return create(settings, choice);
  }

  /** For a choice that was made before. */
  public static Model create(ModelSettings settings, ModelChoice choice) {
    return switch (choice.provider()) {
      case OPENAI ->
          new OpenAiModel(
              settings.baseUrl(), settings.apiKey(), choice.model(), Patience.of(settings));
      // Ollama's native API is a seam of its own; its OpenAI-compatible one does for conversations.
      case OLLAMA ->
          new OpenAiModel(
              settings.ollamaBaseUrl() + "/v1", "", choice.model(), Patience.of(settings));
      case OFFLINE -> new OfflineModel(OFFLINE_PAUSE);
      case ANTHROPIC -> throw new IllegalStateException("refused by ModelChoice");
    };
  }
}
