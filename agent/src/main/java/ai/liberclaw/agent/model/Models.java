package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.model.ModelChoice;
import ai.liberclaw.core.model.ModelProvider;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The models that the settings ask for.
 *
 * @param model answers, or lets another one answer for it
 * @param vision what becomes of pictures
 */
public record Models(Model model, Vision vision) {
  private static final System.Logger LOG = System.getLogger(Models.class.getName());

  /** Fast enough to read along with, and a whole reply takes well under a second. */
  private static final Duration OFFLINE_PAUSE = Duration.ofMillis(8);

  /** How long a model that failed comes after its fallbacks. */
  private static final Duration REST = Duration.ofSeconds(60);

  /**
   * Decides by {@link ModelChoice} and logs what it decided.
   *
   * @param log hears what is done with pictures
   * @throws ConfigException when the settings ask for what cannot be
   */
  public static Models create(ModelSettings settings, VisionLog log) {
    ModelChoice choice = ModelChoice.of(settings.choiceSettings());
    LOG.log(
        Level.INFO,
        "model.chosen provider={0} model={1} reason={2}",
        choice.provider().wireName(),
        choice.model(),
        choice.reason());
    Vision vision = new Vision(settings.vision(), delegate(settings, choice), log);
    VisionModel first = new VisionModel(one(settings, choice.provider(), choice.model()), vision);
    vision.of(first::sees);
    List<Model> all = new ArrayList<>();
    all.add(first);
    for (ModelName name : settings.fallbacks()) {
      all.add(new VisionModel(one(settings, name.provider(), name.model()), vision));
    }
    return new Models(all.size() == 1 ? first : new FallbackModel(all, REST), vision);
  }

  /** This model alone, which is told nothing of pictures by another one. */
  public static Models of(Model model, ModelSettings settings, VisionLog log) {
    Vision vision = new Vision(settings.vision(), Optional.empty(), log);
    VisionModel seeing = new VisionModel(model, vision);
    vision.of(seeing::sees);
    return new Models(seeing, vision);
  }

  private static Optional<Model> delegate(ModelSettings settings, ModelChoice choice) {
    Optional<ModelName> named = settings.delegate();
    if (named.isEmpty() && choice.provider() == ModelProvider.OPENAI) {
      named = Optional.of(new ModelName(ModelProvider.OPENAI, VisionSettings.DELEGATE_DEFAULT));
    }
    return named.map(name -> one(settings, name.provider(), name.model()));
  }

  private static Model one(ModelSettings settings, ModelProvider provider, String model) {
    Patience patience = Patience.of(settings);
    return switch (provider) {
      case OPENAI ->
          new HttpModel(
              new OpenAiWire(settings.baseUrl(), settings.apiKey(), model), model, patience);
      case OLLAMA -> {
        OptionalInt context = settings.windows().of(model);
        OllamaWire wire = new OllamaWire(settings.ollama(), model, context);
        if (settings.ollama().preload()) {
          wire.preload();
        }
        yield new HttpModel(wire, model, patience);
      }
      case ANTHROPIC ->
          new HttpModel(
              new AnthropicWire(settings.anthropic(), model, settings.windows().answerTokensMax()),
              model,
              patience);
      case OFFLINE -> new OfflineModel(OFFLINE_PAUSE);
    };
  }
}
