package ai.liberclaw.agent.model;

import java.net.URI;
import java.util.Map;
import java.util.OptionalLong;

/** OpenAI's chat completions, which LibertAI, OpenRouter, vLLM and many others speak. */
final class OpenAiWire implements Wire {
  private static final String ACCEPT = "text/event-stream, application/json";

  private final URI endpoint;
  private final Map<String, String> headers;
  private final String model;

  /**
   * @param baseUrl without {@code /chat/completions}
   * @param apiKey empty sends no {@code Authorization}
   */
  OpenAiWire(String baseUrl, String apiKey, String model) {
    this.endpoint = URI.create(baseUrl + "/chat/completions");
    this.headers =
        apiKey.isEmpty()
            ? Map.of("Accept", ACCEPT)
            : Map.of("Accept", ACCEPT, "Authorization", "Bearer " + apiKey);
    this.model = model;
  }

  @Override
  public String provider() {
    return "openai";
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
    return OpenAiRequest.bytes(model, request, mode);
  }

  @Override
  public Answer answer(ReplyListener listener) {
    return new OpenAiAnswer(listener);
  }

  @Override
  public Failure refusal(int status, String body, OptionalLong retryAfterSeconds, Mode mode) {
    return Failure.status(status, body, retryAfterSeconds);
  }
}
