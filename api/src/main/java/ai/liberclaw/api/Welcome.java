package ai.liberclaw.api;

/** What a developer reads after a start: where the server is, who answers, and what to type next. */
final class Welcome {
  private Welcome() {}

  static String text(ApiConfig config, int port) {
    String base = "http://" + config.host() + ":" + port + "/api/v1";
    String model = config.control().models().variables().getOrDefault("MODEL_PROVIDER", "openai");
    return """

        LiberClaw is at %s
        Models: %s

        Sign in as a guest, next:
          curl -s %s/auth/guest -H 'Content-Type: application/json' -d '{"device_id":"me"}'
        """
        .formatted(base, model, base);
  }
}
