package ai.liberclaw.deploy.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A container as the engine describes it.
 *
 * @param image id of what it was made from
 * @param exitCode of its last end; 0 while it has not ended
 * @param restarts how often the engine itself started it again
 */
public record EngineContainer(
    String id,
    String image,
    Map<String, String> labels,
    boolean running,
    int exitCode,
    int restarts,
    Optional<Instant> createdAt,
    Optional<Instant> startedAt) {
  public EngineContainer {
    labels = Map.copyOf(labels);
  }

  public String label(String name) {
    return labels.getOrDefault(name, "");
  }

  /** From the answer to {@code /containers/<id>/json}. */
  static EngineContainer inspected(JsonNode json) {
    JsonNode state = json.path("State");
    return new EngineContainer(
        json.path("Id").asText(),
        json.path("Image").asText(),
        labels(json.path("Config").path("Labels")),
        state.path("Running").asBoolean(),
        state.path("ExitCode").asInt(),
        json.path("RestartCount").asInt(),
        time(json.path("Created").asText()),
        time(state.path("StartedAt").asText()));
  }

  /** From one entry of {@code /containers/json}. */
  static EngineContainer listed(JsonNode json) {
    return new EngineContainer(
        json.path("Id").asText(),
        json.path("ImageID").asText(),
        labels(json.path("Labels")),
        json.path("State").asText().equals("running"),
        0,
        0,
        Optional.of(Instant.ofEpochSecond(json.path("Created").asLong())),
        Optional.empty());
  }

  static Map<String, String> labels(JsonNode json) {
    Map<String, String> labels = new HashMap<>();
    json.properties().forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return labels;
  }

  /** Empty for what is no time, such as the year 1 of what never happened. */
  static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text)).filter(time -> time.isAfter(Instant.EPOCH));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }
}
