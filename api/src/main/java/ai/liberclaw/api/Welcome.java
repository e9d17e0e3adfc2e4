package ai.liberclaw.api;

import ai.liberclaw.core.config.ConfigException;

/**
 * What a developer reads after a start: where the server is, who answers, and what to type next.
 */
final class Welcome {
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

  /** Which models the gateway asks and why. */
  private static String model(ApiConfig config) {
    try {
      return config.control().services().decide(config.control().defaultModel()).reason();
    } catch (ConfigException e) {
      return "None can be asked: " + e.problems().getFirst();
    }
  }
}
