package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Plain requests to the network. */
final class Client implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Duration timeMax;

  Client() {
    this(Duration.ofSeconds(3));
  }

  Client(Duration timeMax) {
    this.timeMax = timeMax;
  }

  record Answer(int status, String body) {
    JsonNode json() {
      return Json.parse(body);
    }
  }

  Answer get(String url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)).GET());
  }

  Answer post(String url, JsonNode body) throws IOException, InterruptedException {
    return post(url, body, Map.of());
  }

  Answer post(String url, JsonNode body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)));
    headers.forEach(request::header);
    return send(request);
  }

  Answer publish(String origin, ObjectNode message) throws IOException, InterruptedException {
    ObjectNode body = Json.object().put("sync", true);
    body.set("message", message);
    return post(origin + "/api/v0/messages", body);
  }

  Answer notified(ComputeNode node, ObjectNode message) throws IOException, InterruptedException {
    return post(
        node.origin() + "/control/allocation/notify",
        Json.object().put("instance", message.path("item_hash").asText()));
  }

  private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request.timeout(timeMax).build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
