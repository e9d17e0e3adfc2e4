package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.AgentSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What an agent is started as.
 *
 * @param release its id; empty for one that was started before releases had ids
 */
record Setup(AgentSettings settings, Optional<String> release) {
  ObjectNode json() {
    ObjectNode json = Json.object();
    write(json);
    return json;
  }

  void write(ObjectNode json) {
    json.set("settings", settings.json());
    release.ifPresent(id -> json.put("release", id));
  }

  /** Reads {@link #json}; empty where there is none. */
  static Optional<Setup> of(JsonNode json) {
    return json.has("settings")
        ? Optional.of(
            new Setup(
                AgentSettings.of(json.path("settings")),
                Optional.ofNullable(json.path("release").textValue())))
        : Optional.empty();
  }
}
