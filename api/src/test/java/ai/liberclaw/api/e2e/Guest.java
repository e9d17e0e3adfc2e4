package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Somebody who signed in as a guest, with the calls an app makes. */
final class Guest {
  private static final Duration DEPLOYMENT_TIME_MAX = Duration.ofSeconds(60);

  private final Platform platform;
  private final String token;

  private final String refreshToken;

  private Guest(Platform platform, String token, String refreshToken) {
    this.platform = platform;
    this.token = token;
    this.refreshToken = refreshToken;
  }

  /** What must be found in no log and no process. */
  List<String> secrets() {
    return List.of(token, refreshToken);
  }

  static Guest signIn(Platform platform) throws Exception {
    HttpResponse<String> response =
        platform.http.send(
            HttpRequest.newBuilder(platform.uri("/auth/guest"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        Json.object().put("device_id", "e2e-" + UUID.randomUUID()).toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), response.body());
    JsonNode tokens = Json.parse(response.body());
    return new Guest(
        platform, tokens.get("access_token").textValue(), tokens.get("refresh_token").textValue());
  }

  HttpResponse<String> call(String method, String path, @Nullable String body) throws Exception {
    return platform.http.send(
        request(method, path, body).timeout(Duration.ofSeconds(30)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  JsonNode get(String path) throws Exception {
    HttpResponse<String> response = call("GET", path, null);
    assertEquals(200, response.statusCode(), response.body());
    return Json.parse(response.body());
  }

  /** Creates an agent without waiting for it. */
  String create(String name) throws Exception {
    HttpResponse<String> response =
        call(
            "POST",
            "/agents/",
            Json.object().put("name", name).put("system_prompt", "Do as you are told.").toString());
    assertEquals(201, response.statusCode(), response.body());
    JsonNode agent = Json.parse(response.body());
    assertEquals("pending", agent.get("deployment_status").textValue());
    return agent.get("id").textValue();
  }

  /** Waits until the agent runs. */
  void awaitRunning(String agent) throws Exception {
    awaitRunning(agent, DEPLOYMENT_TIME_MAX);
  }

  /** As {@link #awaitRunning(String)} where something has to be made first. */
  void awaitRunning(String agent, Duration timeMax) throws Exception {
    String ended =
        Await.value(
            "the deployment has ended",
            timeMax,
            () ->
                Optional.of(get("/agents/" + agent).get("deployment_status").textValue())
                    .filter(status -> status.equals("running") || status.equals("failed")));
    if (ended.equals("failed")) {
      throw new AssertionError(get("/agents/" + agent + "/status") + "\n" + platform.api().log());
    }
  }

  /** Opens a file; its bytes are read as they come. */
  HttpResponse<InputStream> download(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request("GET", path, null);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return platform.http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  HttpResponse<String> upload(String agent, String contentType, HttpRequest.BodyPublisher body)
      throws Exception {
    return platform.http.send(
        request("POST", "/files/" + agent + "/upload", null)
            .setHeader("Content-Type", contentType)
            .POST(body)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Sends a message and reads its stream. */
  EventStream chat(String agent, String body) throws IOException, InterruptedException {
    return open(request("POST", "/chat/" + agent, body).build());
  }

  /** As {@link #chat} over a connection of its own, of which the test sees every byte. */
  BareStream bareChat(String agent, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    URI uri = platform.uri("/chat/" + agent);
    String head =
        "POST "
            + uri.getRawPath()
            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + token
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + bytes.length
            + "\r\n\r\n";
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
    return new BareStream(socket);
  }

  /** Resumes the stream of a chat after an event. */
  EventStream resume(String agent, long after) throws IOException, InterruptedException {
    return open(
        request("GET", "/chat/" + agent + "/stream", null)
            .header("Last-Event-ID", Long.toString(after))
            .build());
  }

  private EventStream open(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        platform.http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    return new EventStream(response.body());
  }

  private HttpRequest.Builder request(String method, String path, @Nullable String body) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(platform.uri(path)).header("Authorization", "Bearer " + token);
    if (body != null) {
      builder.header("Content-Type", "application/json");
    }
    return builder.method(
        method,
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body));
  }
}
