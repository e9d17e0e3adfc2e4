package ai.liberclaw.agent.model;

import ai.liberclaw.testkit.model.ModelServer;
import java.time.Duration;
import java.util.OptionalInt;

/** The wires of all providers, to one scripted server. */
enum Providers {
  OPENAI,
  ANTHROPIC,
  OLLAMA;

  static final Patience QUICK =
      new Patience(Duration.ofSeconds(10), Duration.ofSeconds(5), 2, Duration.ofMillis(1));

  Wire wire(ModelServer server) {
    return switch (this) {
      case OPENAI -> new OpenAiWire(server.baseUrl(), "sk-secret", "tiny");
      case ANTHROPIC ->
          new AnthropicWire(
              new AnthropicSettings(server.url(), "sk-secret", "", true), "tiny", 4096);
      case OLLAMA -> new OllamaWire(ollama(server), "tiny", OptionalInt.empty());
    };
  }

  HttpModel model(ModelServer server) {
    return new HttpModel(wire(server), "tiny", QUICK);
  }

  static OllamaSettings ollama(ModelServer server) {
    return new OllamaSettings(server.url(), "", "5m", 16_384, 1, false);
  }
}
