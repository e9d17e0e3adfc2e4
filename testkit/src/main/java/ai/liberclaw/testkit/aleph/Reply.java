package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** An answer. */
record Reply(int status, String type, String body, Map<String, String> headers) {
  Reply {
    headers = Map.copyOf(headers);
  }

  static Reply json(int status, JsonNode body) {
    return new Reply(status, "application/json", Json.write(body), Map.of());
  }

  static Reply text(int status, String body) {
    return new Reply(status, "text/plain; charset=utf-8", body, Map.of());
  }

  /** As the nodes that run machines tell errors. */
  static Reply error(int status, String message) {
    return json(status, Json.object().put("error", message));
  }
}
