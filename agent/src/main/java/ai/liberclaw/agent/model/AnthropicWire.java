package ai.liberclaw.agent.model;

import java.net.URI;
import java.util.Map;
import java.util.OptionalLong;

/** Anthropic's Messages API, version 2023-06-01, which other providers speak too. */
final class AnthropicWire implements Wire {
  private static final String VERSION = "2023-06-01";

  private final URI endpoint;
  private final Map<String, String> headers;
  private final String model;
  private final int answerTokensMax;
  private final boolean cache;

  /**
   * @param answerTokensMax tokens an answer may have; the API wants to be told
   */
  AnthropicWire(AnthropicSettings settings, String model, int answerTokensMax) {
    this.endpoint = URI.create(settings.baseUrl() + "/v1/messages");
    this.headers =
        Map.of(
            "Accept",
            "text/event-stream, application/json",
            "x-api-key",
            settings.apiKey(),
            "anthropic-version",
            VERSION);
    this.model = model;
    this.answerTokensMax = answerTokensMax;
    this.cache = settings.cache();
  }

  @Override
  public String provider() {
    return "anthropic";
  }

  @Override
  public URI endpoint() {
    return endpoint;
  }

  @Override
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public byte[] body(ModelRequest request, Mode mode) {
    return new AnthropicRequest(model, answerTokensMax, cache).bytes(request, mode);
  }

  @Override
  public Answer answer(ReplyListener listener) {
    return new AnthropicAnswer(listener);
  }

  @Override
  public Failure refusal(int status, String body, OptionalLong retryAfterSeconds, Mode mode) {
    // A request that took too long to arrive, or met another one: the same again may pass.
    return status == 408 || status == 409
        ? Failure.unavailable("status " + status, retryAfterSeconds)
        : Failure.status(status, body, retryAfterSeconds);
  }
}
