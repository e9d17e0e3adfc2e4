package ai.liberclaw.api;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.model.ModelChoice;
import java.util.Map;

/**
 * What a developer reads after a start: where the server is, who answers, and what to type next.
 */
final class Welcome {
  private static final String OLLAMA = "http://127.0.0.1:11434";

  private Welcome() {}

  static String text(ApiConfig config, int port) {
    String base = "http://" + config.host() + ":" + port + "/api/v1";
    return """

    LiberClaw is at %s
    %s

    Sign in as a guest, next:
      curl -s %s/auth/guest -H 'Content-Type: application/json' -d '{"device_id":"me"}'
    """
        .formatted(base, model(config), base);
  }

  /** Which model agents of this machine use and why, decided as they decide it themselves. */
  private static String model(ApiConfig config) {
    Map<String, String> variables = config.control().models().variables();
    try {
      return ModelChoice.of(
              new ModelChoice.Settings(
                  variables.getOrDefault("MODEL_PROVIDER", "openai"),
                  variables.containsKey("LIBERTAI_API_KEY"),
                  variables.getOrDefault("OLLAMA_BASE_URL", OLLAMA),
                  variables.getOrDefault("OLLAMA_MODEL", ""),
                  config.control().defaultModel()))
          .reason();
    } catch (ConfigException e) {
      return "Agents will not start: " + e.getMessage();
    }
  }
}
