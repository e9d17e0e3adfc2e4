package ai.liberclaw.agent.model;

import ai.liberclaw.core.config.EnvReader;

/**
 * How to use a server of Anthropic's Messages API.
 *
 * @param baseUrl without {@code /v1/messages}
 * @param apiKey empty when there is none
 * @param model empty for the agent's own
 * @param cache ask it to keep the beginning of requests, which makes the next one cheaper
 */
public record AnthropicSettings(String baseUrl, String apiKey, String model, boolean cache) {
  static final String BASE_URL_DEFAULT = "https://api.anthropic.com";

  static AnthropicSettings fromEnv(EnvReader env) {
    String key = env.text("ANTHROPIC_API_KEY", "", "key of the Anthropic-compatible provider");
    String former = env.text("ANTHROPIC_API_BASE", BASE_URL_DEFAULT, "former ANTHROPIC_BASE_URL");
    return new AnthropicSettings(
        ModelSettings.url(
            env, "ANTHROPIC_BASE_URL", former, "Anthropic-compatible API, without /v1/messages"),
        key.strip(),
        env.text("ANTHROPIC_MODEL", "", "model of MODEL_PROVIDER anthropic, instead of MODEL")
            .strip(),
        env.flag("ANTHROPIC_CACHE", true, "ask for the prompt cache"));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "AnthropicSettings[model=" + model + "]";
  }
}
