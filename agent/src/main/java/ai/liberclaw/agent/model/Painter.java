package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Has pictures made by a provider of OpenAI's image API, {@code POST /images/generations}. Tried
 * once: a picture costs more than a retry is worth.
 */
public final class Painter {
  /** Bytes of an answer, which holds the picture in base64. */
  static final int ANSWER_BYTES_MAX = 32 * 1024 * 1024;

  private final URI endpoint;
  private final String apiKey;
  private final String model;
  private final Duration timeout;

  /**
   * @param timeout for the whole of one picture
   */
  public Painter(ModelSettings settings, Duration timeout) {
    this.endpoint = URI.create(settings.baseUrl() + "/images/generations");
    this.apiKey = settings.apiKey();
    this.model = settings.vision().painter();
    this.timeout = timeout;
  }

  /** False without a key: there is nobody to ask. */
  public boolean isUsable() {
    return !apiKey.isEmpty();
  }

  /**
   * The file of a new picture, as it came; nobody has looked into it.
   *
   * @param size such as {@code 1024x768}
   * @throws IOException with a message for the model: why there is none
   */
  public byte[] paint(String prompt, String size, int steps)
      throws IOException, InterruptedException {
    ObjectNode body = Json.object().put("model", model).put("prompt", prompt).put("size", size);
    byte[] request = Json.writeBytes(body.put("n", 1).put("steps", steps));
    FutureTask<byte[]> asking = new FutureTask<>(() -> ask(request));
    // On a virtual thread of its own an interrupt closes the connection, whoever is waiting.
    Thread.ofVirtual().name("painter").start(asking);
    try {
      return asking.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      throw new IOException(
          "the image service did not answer within " + timeout.toSeconds() + " seconds");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException told -> throw told;
        case null, default -> throw new IOException("the image service cannot be reached");
      }
    } finally {
      asking.cancel(true);
    }
  }

  private byte[] ask(byte[] request) throws IOException {
    // Made when it is needed, which is seldom.
    WebClient client =
        WebClient.builder()
            .followRedirects(false)
            .shareConnectionCache(false)
            .keepAlive(false)
            .connectTimeout(Wire.CONNECT_MAX)
            .readTimeout(timeout)
            .build();
    byte[] answer;
    try (HttpClientResponse response =
        client
            .post()
            .uri(endpoint)
            .header(HeaderNames.CONTENT_TYPE, "application/json")
            .header(HeaderNames.AUTHORIZATION, "Bearer " + apiKey)
            .submit(request)) {
      check(response.status().code());
      try (InputStream in = response.inputStream()) {
        answer = in.readNBytes(ANSWER_BYTES_MAX + 1);
      }
    } catch (UncheckedIOException _) {
      throw new IOException("the image service cannot be reached");
    }
    if (answer.length > ANSWER_BYTES_MAX) {
      throw new IOException(
          "the image service sent more than " + ANSWER_BYTES_MAX / (1024 * 1024) + " MiB");
    }
    try {
      String picture = Json.parse(answer).path("data").path(0).path("b64_json").asText();
      if (picture.isEmpty()) {
        throw new IOException("the image service sent no picture");
      }
      return Base64.getMimeDecoder().decode(picture);
    } catch (JsonException | IllegalArgumentException _) {
      throw new IOException("the image service sent something that is no picture");
    }
  }

  private static void check(int status) throws IOException {
    switch (status) {
      case 200, 201 -> {
        // The picture follows.
      }
      case 401, 403 ->
          throw new IOException(
              "the image service did not accept the key; the owner has to see to it");
      case 429 -> throw new IOException("the image service is busy; try again later");
      default ->
          throw new IOException(
              "the image service refused the request (HTTP "
                  + status
                  + ")"
                  + (status < 500 ? "; another prompt or size may pass" : "; try again later"));
    }
  }
}
