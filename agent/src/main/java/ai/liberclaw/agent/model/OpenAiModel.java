package ai.liberclaw.agent.model;

import io.helidon.webclient.api.WebClient;
import java.net.URI;
import java.time.Duration;

/**
 * A model behind an OpenAI-compatible chat completions endpoint: LibertAI, Ollama, many others.
 * Connections are pooled per object.
 */
public final class OpenAiModel implements Model {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final WebClient client;
  private final URI endpoint;
  private final String apiKey;
  private final String model;
  private final Patience patience;

  /** False once a server has refused the fields that ask for a stream. */
  private volatile boolean streaming = true;

  /**
   * @param apiKey empty sends no {@code Authorization}
   */
  OpenAiModel(String baseUrl, String apiKey, String model, Patience patience) {
    Duration idle = patience.idleTimeout();
    this.client =
        WebClient.builder()
            .followRedirects(false)
            .shareConnectionCache(false)
            .connectTimeout(idle.compareTo(CONNECT_TIMEOUT) < 0 ? idle : CONNECT_TIMEOUT)
            .readTimeout(idle)
            .build();
    this.endpoint = URI.create(baseUrl + "/chat/completions");
    this.apiKey = apiKey;
    this.model = model;
    this.patience = patience;
  }

  @Override
  public String name() {
    return model;
  }

  @Override
  public Reply reply(ModelRequest request, ReplyListener listener)
      throws ModelException, InterruptedException {
    return new OpenAiCall(this, request, listener).reply();
  }

  WebClient client() {
    return client;
  }

  URI endpoint() {
    return endpoint;
  }

  String apiKey() {
    return apiKey;
  }

  Patience patience() {
    return patience;
  }

  boolean isStreaming() {
    return streaming;
  }

  void stopStreaming() {
    streaming = false;
  }
}
