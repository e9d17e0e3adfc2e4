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
    boolean everywhere = config.host().equals("0.0.0.0") || config.host().equals("::");
    String host = everywhere ? "localhost" : config.host();
    String base = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    return """

    LiberClaw listens on %s/api/v1
    Data:  %s
    Model: %s

    Next, in another terminal, sign in as a guest and create an agent:

      API=%s/api/v1
      TOKEN=$(curl -s $API/auth/guest -H 'Content-Type: application/json' \\
        -d '{"device_id":"me"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
      curl -s $API/agents/ -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
        -d '{"name":"Ada","system_prompt":"You are a friendly assistant."}'

    README.md goes on from there to a first conversation. Ctrl-C ends everything.
    """
        .formatted(
            base, config.control().dataDir().toAbsolutePath().normalize(), model(config), base);
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
