package ai.liberclaw.deploy.engine;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an engine asks and answers: filters, statuses, messages, streams of logs. */
final class EngineAnswers {
  private EngineAnswers() {}

  static boolean labelled(ServerRequest request, JsonNode labels) {
    return wanted(request).stream().allMatch(label -> carries(labels, label));
  }

  /** As Podman 4.3 chooses volumes. */
  static boolean labelledAnyhow(ServerRequest request, JsonNode labels) {
    return wanted(request).isEmpty()
        || wanted(request).stream().anyMatch(label -> carries(labels, label));
  }

  private static List<String> wanted(ServerRequest request) {
    JsonNode filters = Json.parse(request.query().first("filters").orElse("{}"));
    return filters.path("label").valueStream().map(JsonNode::asText).toList();
  }

  private static boolean carries(JsonNode labels, String wanted) {
    String[] label = wanted.split("=", 2);
    return labels.path(label[0]).asText().equals(label.length > 1 ? label[1] : "");
  }

  static byte[] frames(String... texts) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      for (String text : texts) {
        out.writeInt(1 << 24);
        out.writeInt(text.getBytes(StandardCharsets.UTF_8).length);
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode dated(ObjectNode body) {
    return body.put("CreatedAt", Instant.now().toString());
  }

  static void found(ServerResponse response, @Nullable JsonNode json, String missing) {
    if (json == null) {
      message(response, 404, missing);
    } else {
      json(response, 200, json);
    }
  }

  static void json(ServerResponse response, int status, JsonNode json) {
    response.status(status).send(Json.writeBytes(json));
  }

  static void message(ServerResponse response, int status, String message) {
    if (message.isEmpty() || status == 204) {
      response.status(status).send();
    } else {
      json(response, status, Json.object().put("message", message));
    }
  }
}
