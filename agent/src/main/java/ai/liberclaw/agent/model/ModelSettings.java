package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.model.ModelChoice;
import ai.liberclaw.core.model.ModelProvider;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a model.
 *
 * @param provider one of {@link ModelProvider#SETTINGS}
 * @param baseUrl of the OpenAI-compatible API, without {@code /chat/completions}
 * @param apiKey empty when there is none
 * @param fallbacks asked, in their order, when the model's provider fails
 * @param timeout for one whole call with its retries
 * @param idleTimeout without a byte from the provider
 * @param retries extra attempts after the first
 * @param retryBase wait before the first retry; doubled for each further one
 */
public record ModelSettings(
    String provider,
    String model,
    String baseUrl,
    String apiKey,
    OllamaSettings ollama,
    AnthropicSettings anthropic,
    List<ModelName> fallbacks,
    VisionSettings vision,
    WindowSettings windows,
    Duration timeout,
    Duration idleTimeout,
    int retries,
    Duration retryBase) {
  /** Models that may stand in for the first. */
  static final int FALLBACKS_MAX = 5;

  private static final int RETRIES_MAX = 20;
  private static final int RETRY_BASE_MS_MAX = 60_000;

  public ModelSettings {
    fallbacks = List.copyOf(fallbacks);
  }

  /** Reads the variables and notes their problems in the reader. */
  public static ModelSettings fromEnv(EnvReader env) {
    String provider =
        env.choice(
            "MODEL_PROVIDER",
            ModelProvider.OPENAI.wireName(),
            ModelProvider.SETTINGS,
            "who runs the model");
    String key =
        env.text("LIBERTAI_API_KEY", "", "key of the model provider; needed by openai").strip();
    ModelSettings settings =
        new ModelSettings(
            provider,
            env.text("MODEL", "qwen3-coder-next", "model id sent to the provider"),
            url(
                env,
                "LIBERTAI_API_BASE_URL",
                "https://api.libertai.io/v1",
                "OpenAI-compatible API"),
            key,
            OllamaSettings.fromEnv(env),
            AnthropicSettings.fromEnv(env),
            fallbacks(env),
            VisionSettings.fromEnv(env),
            WindowSettings.fromEnv(env),
            env.seconds("INFERENCE_TIMEOUT", 300, 1, "bound of one model call with its retries"),
            env.seconds("INFERENCE_IDLE_TIMEOUT", 90, 1, "silence after which a model call is cut"),
            (int)
                env.integer(
                    "INFERENCE_RETRIES", 2, 0, RETRIES_MAX, "extra attempts of a model call"),
            Duration.ofMillis(
                env.integer(
                    "INFERENCE_RETRY_BASE_MS",
                    2000,
                    0,
                    RETRY_BASE_MS_MAX,
                    "wait before the first retry, doubled for each further one (milliseconds)")));
    if (provider.equals(ModelProvider.OPENAI.wireName()) && key.isEmpty()) {
      env.problem("LIBERTAI_API_KEY", "is required while MODEL_PROVIDER is openai");
    }
    if (provider.equals(ModelProvider.ANTHROPIC.wireName())
        && settings.anthropic.apiKey().isEmpty()) {
      env.problem("ANTHROPIC_API_KEY", "is required while MODEL_PROVIDER is anthropic");
    }
    settings.fallbacks.forEach(
        name -> settings.requireKey(env, "MODEL_FALLBACKS", name.provider()));
    settings
        .delegate()
        .ifPresent(name -> settings.requireKey(env, "VISION_DELEGATION_MODEL", name.provider()));
    return settings;
  }

  private static List<ModelName> fallbacks(EnvReader env) {
    List<ModelName> names = new ArrayList<>();
    List<String> given =
        env.list(
            "MODEL_FALLBACKS",
            List.of(),
            "models asked when the provider fails, in this order: provider:model,…");
    for (String text : given) {
      Optional<ModelName> name = ModelName.parse(text);
      name.ifPresent(names::add);
      if (name.isEmpty()) {
        env.problem(
            "MODEL_FALLBACKS",
            "must be a list of provider:model, the provider one of " + ModelName.providers());
        return List.of();
      }
    }
    if (names.size() > FALLBACKS_MAX) {
      env.problem("MODEL_FALLBACKS", "must name at most " + FALLBACKS_MAX + " models");
    }
    return names;
  }

  private void requireKey(EnvReader env, String variable, ModelProvider needed) {
    if (needed == ModelProvider.OPENAI && apiKey.isEmpty()) {
      env.problem(variable, "names a model of openai, which needs LIBERTAI_API_KEY");
    }
    if (needed == ModelProvider.ANTHROPIC && anthropic.apiKey().isEmpty()) {
      env.problem(variable, "names a model of anthropic, which needs ANTHROPIC_API_KEY");
    }
  }

  /** The model that was asked to describe pictures; empty when the owner named none. */
  Optional<ModelName> delegate() {
    String name = vision.delegate();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    return ModelName.parse(name).or(() -> Optional.of(new ModelName(ModelProvider.OPENAI, name)));
  }

  static String url(EnvReader env, String name, String defaultValue, String meaning) {
    String value = env.text(name, defaultValue, meaning).strip();
    try {
      URI uri = URI.create(value);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!web || uri.getHost() == null) {
        env.problem(name, "must be an http or https address");
      }
    } catch (IllegalArgumentException _) {
      env.problem(name, "must be an http or https address");
    }
    return value.replaceAll("/+$", "");
  }

  ModelChoice.Settings choiceSettings() {
    boolean ownModel =
        provider.equals(ModelProvider.ANTHROPIC.wireName()) && !anthropic.model().isEmpty();
    return new ModelChoice.Settings(
        provider,
        !apiKey.isEmpty(),
        ollama.baseUrl(),
        ollama.model(),
        ownModel ? anthropic.model() : model);
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "ModelSettings[provider=" + provider + ", model=" + model + "]";
  }
}
