package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.EnvReader;
import java.util.regex.Pattern;

/**
 * How to use an Ollama.
 *
 * @param baseUrl such as {@code http://127.0.0.1:11434}
 * @param model used when the agent's own is not installed there; may be empty
 * @param keepAlive how long it keeps the model loaded: seconds, or a duration such as {@code 5m}; 0
 *     unloads at once, below 0 is for ever
 * @param contextTokensMax what a context may have when nothing else says so
 * @param parallel generations at a time
 * @param preload load the model when the agent starts
 */
public record OllamaSettings(
    String baseUrl,
    String model,
    String keepAlive,
    int contextTokensMax,
    int parallel,
    boolean preload) {
  static final String BASE_URL_DEFAULT = "http://127.0.0.1:11434";
  static final String KEEP_ALIVE_DEFAULT = "5m";
  static final int CONTEXT_TOKENS_DEFAULT = 16_384;

  private static final Pattern KEEP_ALIVE = Pattern.compile("-?\\d{1,9}|-?(\\d{1,9}(ms|s|m|h))+");

  static OllamaSettings fromEnv(EnvReader env) {
    String keepAlive =
        env.text(
                "OLLAMA_KEEP_ALIVE",
                KEEP_ALIVE_DEFAULT,
                "how long Ollama keeps the model loaded: seconds or 5m, 0 not, -1 for ever")
            .strip();
    if (!KEEP_ALIVE.matcher(keepAlive).matches()) {
      env.problem("OLLAMA_KEEP_ALIVE", "must be seconds or a duration such as 5m");
    }
    return new OllamaSettings(
        ModelSettings.url(env, "OLLAMA_BASE_URL", BASE_URL_DEFAULT, "where Ollama listens"),
        env.text("OLLAMA_MODEL", "", "used with Ollama when MODEL is not installed there"),
        keepAlive,
        (int)
            env.integer(
                "OLLAMA_NUM_CTX",
                CONTEXT_TOKENS_DEFAULT,
                1024,
                10_000_000,
                "context asked of Ollama, in tokens; more needs more memory"),
        (int)
            env.integer(
                "OLLAMA_NUM_PARALLEL", 1, 1, 1000, "answers asked of Ollama at the same time"),
        env.flag("OLLAMA_PRELOAD", false, "load the model into Ollama when the agent starts"));
  }
}
