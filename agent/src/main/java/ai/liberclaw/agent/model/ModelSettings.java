package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.model.ModelChoice;
import ai.liberclaw.core.model.ModelProvider;
import java.net.URI;
import java.time.Duration;

/**
 * How to reach a model.
 *
 * @param provider one of {@link ModelProvider#SETTINGS}
 * @param baseUrl of the OpenAI-compatible API, without {@code /chat/completions}
 * @param apiKey empty when there is none
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
    String ollamaBaseUrl,
    String ollamaModel,
    Duration timeout,
    Duration idleTimeout,
    int retries,
    Duration retryBase) {
  private static final int RETRIES_MAX = 20;
  private static final int RETRY_BASE_MS_MAX = 60_000;

  /** Reads the variables and notes their problems in the reader. */
  public static ModelSettings fromEnv(EnvReader env) {
    String provider =
        env.choice(
            "MODEL_PROVIDER",
            ModelProvider.OPENAI.wireName(),
            ModelProvider.SETTINGS,
            "who runs the model");
    if (provider.equals(ModelProvider.ANTHROPIC.wireName())) {
      env.problem(
          "MODEL_PROVIDER",
          "anthropic is not in this release; use openai, ollama, offline or auto");
    }
    String key = env.text("LIBERTAI_API_KEY", "", "key of the model provider; needed by openai");
    if (provider.equals(ModelProvider.OPENAI.wireName()) && key.isEmpty()) {
      env.problem("LIBERTAI_API_KEY", "is required while MODEL_PROVIDER is openai");
    }
    return new ModelSettings(
        provider,
        env.text("MODEL", "qwen3-coder-next", "model id sent to the provider"),
        url(env, "LIBERTAI_API_BASE_URL", "https://api.libertai.io/v1", "OpenAI-compatible API"),
        key.strip(),
        url(env, "OLLAMA_BASE_URL", "http://127.0.0.1:11434", "where Ollama listens"),
        env.text("OLLAMA_MODEL", "", "used with Ollama when MODEL is not installed there"),
        env.seconds("INFERENCE_TIMEOUT", 300, 1, "bound of one model call with its retries"),
        env.seconds("INFERENCE_IDLE_TIMEOUT", 90, 1, "silence after which a model call is cut"),
        (int) env.integer("INFERENCE_RETRIES", 2, 0, RETRIES_MAX, "extra attempts of a model call"),
        Duration.ofMillis(
            env.integer(
                "INFERENCE_RETRY_BASE_MS",
                2000,
                0,
                RETRY_BASE_MS_MAX,
                "wait before the first retry, doubled for each further one (milliseconds)")));
  }

  private static String url(EnvReader env, String name, String defaultValue, String meaning) {
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
    return new ModelChoice.Settings(provider, !apiKey.isEmpty(), ollamaBaseUrl, ollamaModel, model);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "ModelSettings[provider=" + provider + ", model=" + model + "]";
  }
}
