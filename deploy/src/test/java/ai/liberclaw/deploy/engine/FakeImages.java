package ai.liberclaw.deploy.engine;

import static ai.liberclaw.deploy.engine.EngineAnswers.found;
import static ai.liberclaw.deploy.engine.EngineAnswers.json;
import static ai.liberclaw.deploy.engine.EngineAnswers.message;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The images of a {@link FakeEngine}. */
final class FakeImages {
  private final Map<String, ObjectNode> images = new ConcurrentHashMap<>();

  void answer(ServerRequest request, ServerResponse response, String[] parts, String path) {
    if (path.endsWith("/json") && parts.length > 2) {
      String name = path.substring("/images/".length(), path.length() - "/json".length());
      found(response, images.get(name), "no such image");
    } else if (parts[1].equals("json")) {
      ArrayNode list = Json.object().putArray("images");
      images
          .values()
          .forEach(image ->
              list.addObject()
                  .put("Id", image.path("Id").asText())
                  .put("Created", 1)
                  .set("Labels", image.path("Config").path("Labels")));
      json(response, 200, list);
    } else if (parts[1].equals("create")) {
      String id = add("imported", "{}");
      json(response, 200, Json.object().put("status", id));
    } else if (path.contains("/tag")) {
      images.put(
          request.query().get("repo") + ":" + request.query().get("tag"),
          Objects.requireNonNull(images.get("imported")));
      message(response, 201, "");
    } else {
      message(response, 409, "in use");
    }
  }

  void commit(ServerRequest request, ServerResponse response) {
    ObjectNode labels = Json.object();
    for (String change : request.query().all("changes")) {
      String[] label = change.replaceFirst("LABEL ", "").split("=", 2);
      labels.put(label[0], label[1]);
    }
    String name = request.query().get("repo") + ":" + request.query().get("tag");
    json(response, 201, Json.object().put("Id", add(name, Json.write(labels))));
  }

  String add(String name, String labels) {
    String id = "sha256:" + (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
    ObjectNode image = Json.object().put("Id", id).put("Created", Instant.now().toString());
    image.putObject("Config").set("Labels", Json.parse(labels));
    images.put(name, image);
    images.put(id, image);
    return id;
  }
}
