package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the watchers last saw, kept in a file of the workspace so that a restart misses nothing. */
final class WatchStates {
  static final String NAME = ".watcher_state.json";

  /** More than all watchers need; anything larger was not written here. */
  private static final int BYTES_MAX = 1024 * 1024;

  private final Workspace workspace;
  private final Map<String, Seen> states = new TreeMap<>();
  private String stored = "";

  /**
   * What one watcher last saw.
   *
   * @param changed when the first change came that its task has not been run for
   */
  record Seen(String path, String fingerprint, Optional<Instant> changed) {}

  WatchStates(Workspace workspace) {
    this.workspace = workspace;
    load();
  }

  Optional<Seen> get(String id) {
    return Optional.ofNullable(states.get(id));
  }

  void put(String id, Seen seen) {
    states.put(id, seen);
  }

  /** Forgets all watchers but these. */
  void keep(Iterable<String> ids) {
    Map<String, Seen> kept = new TreeMap<>();
    for (String id : ids) {
      get(id).ifPresent(seen -> kept.put(id, seen));
    }
    states.clear();
    states.putAll(kept);
  }

  /** Writes what has changed since the last time. */
  void store() throws IOException {
    ObjectNode json = Json.object();
    states.forEach((id, seen) -> {
      ObjectNode one =
          json.putObject(id).put("path", seen.path()).put("fingerprint", seen.fingerprint());
      seen.changed().ifPresent(at -> one.put("changed_at", at.toEpochMilli()));
    });
    String text = Json.write(json);
    if (!text.equals(stored)) {
      StatusFile.replace(workspace, NAME, text);
      stored = text;
    }
  }

  /** A file that is absent or damaged is nothing seen so far. */
  private void load() {
    try (OpenFile file = workspace.open(NAME)) {
      JsonNode json = Json.parse(file.stream().readNBytes(BYTES_MAX));
      for (Map.Entry<String, JsonNode> one : json.properties()) {
        JsonNode seen = one.getValue();
        Optional<Instant> changed =
            seen.path("changed_at").isIntegralNumber()
                ? Optional.of(Instant.ofEpochMilli(seen.path("changed_at").asLong()))
                : Optional.empty();
        states.put(
            one.getKey(),
            new Seen(seen.path("path").asText(), seen.path("fingerprint").asText(), changed));
      }
      stored = Json.write(json);
    } catch (IOException | WorkspaceRefusal | JsonException _) {
      states.clear();
    }
  }
}
