package ai.liberclaw.core.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The part of Ollama's own API that tells what is installed and what it can do (docs/api.md). */
public final class Ollama {
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration SHOW_TIMEOUT = Duration.ofSeconds(5);
  private static final int ANSWER_BYTES_MAX = 4 * 1024 * 1024;
  private static final int SHOWN_MODELS_MAX = 50;

  private final String baseUrl;

  /**
   * What is known of an installed model.
   *
   * @param capabilities such as {@code tools}, {@code vision}, {@code thinking}
   * @param contextTokens the longest context it was made for
   */
  public record Abilities(Set<String> capabilities, OptionalInt contextTokens) {
    public Abilities {
      capabilities = Set.copyOf(capabilities);
    }

    public boolean can(String capability) {
      return capabilities.contains(capability);
    }
  }

  /**
   * @param baseUrl such as {@code http://127.0.0.1:11434}
   */
  public Ollama(String baseUrl) {
    this.baseUrl = baseUrl.endsWith("/") ? baseUrl.substring(0, baseUrl.length() - 1) : baseUrl;
  }

  /** Names of the installed models in Ollama's order; empty when no Ollama answers. */
  public Optional<List<String>> installed() {
    return ask(PROBE_TIMEOUT, "/api/tags", Optional.empty())
        .filter(answer -> answer.path("models").isArray())
        .map(answer -> {
          List<String> names = new ArrayList<>();
          answer.path("models").forEach(model -> names.add(model.path("name").asText()));
          return List.copyOf(names);
        });
  }

  Optional<String> firstWithTools(List<String> models) {
    return models.stream().limit(SHOWN_MODELS_MAX).filter(this::canUseTools).findFirst();
  }

  private boolean canUseTools(String model) {
    return abilities(model).filter(abilities -> abilities.can("tools")).isPresent();
  }

  /** What a model can do; empty when no Ollama answers or it does not have the model. */
  public Optional<Abilities> abilities(String model) {
    return ask(SHOW_TIMEOUT, "/api/show", Optional.of(Json.object().put("model", model)))
        .filter(answer -> answer.path("capabilities").isArray())
        .map(answer -> {
          Set<String> capabilities = new HashSet<>();
          answer.path("capabilities").forEach(name -> capabilities.add(name.asText()));
          return new Abilities(capabilities, contextTokens(answer.path("model_info")));
        });
  }

  /**
   * Has a model loaded; returns when it is, or when it will not be.
   *
   * @param request of the chat API, without messages
   */
  public void load(byte[] request, Duration timeout) {
    Optional<JsonNode> ignored = ask(timeout, "/api/chat", Optional.of(Json.parse(request)));
  }

  private static OptionalInt contextTokens(JsonNode info) {
    String architecture = info.path("general.architecture").asText();
    JsonNode length = info.path(architecture + ".context_length");
    return length.canConvertToInt() && length.intValue() > 0
        ? OptionalInt.of(length.intValue())
        : OptionalInt.empty();
  }

  /** The answer; empty when there is none, or none that can be read. */
  private Optional<JsonNode> ask(Duration timeout, String path, Optional<JsonNode> body) {
    try {
      URI uri = URI.create(baseUrl + path);
      WebClient client =
          WebClient.builder()
              .followRedirects(false)
              .shareConnectionCache(false)
              .keepAlive(false)
              .connectTimeout(timeout)
              .readTimeout(timeout)
              .build();
      try (HttpClientResponse response =
          body.isEmpty()
              ? client.get().uri(uri).request()
              : client
                  .post()
                  .uri(uri)
                  .header(HeaderNames.CONTENT_TYPE, "application/json")
                  .submit(Json.writeBytes(body.get()))) {
        if (response.status().code() != 200) {
          return Optional.empty();
        }
        try (InputStream in = response.inputStream()) {
          return Optional.of(Json.parse(in.readNBytes(ANSWER_BYTES_MAX)));
        }
      }
    } catch (IOException | UncheckedIOException | JsonException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
