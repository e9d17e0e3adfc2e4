package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.openapi.OpenApi;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The description of the API says what the server does, no more and no less. */
@ExtendWith(Postgres.Extension.class)
class OpenApiTest {
  private static final Pattern PARAMETER = Pattern.compile("\\{([a-z_]+)}");

  private final JsonNode document = Json.parse(OpenApi.document());
  private final SchemaCheck schemas = new SchemaCheck(document);

  @Test
  void everyRouteIsDescribedAndEveryDescriptionIsARoute(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      TreeSet<String> routes = new TreeSet<>();
      api.server.routes().forEach(route -> routes.add(route.replace("...}", "}")));
      TreeSet<String> described = new TreeSet<>();
      document
          .get("paths")
          .properties()
          .forEach(path ->
              path.getValue()
                  .fieldNames()
                  .forEachRemaining(method ->
                      described.add(
                          method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
      TreeSet<String> ahead = new TreeSet<>(described);
      ahead.removeAll(routes);
      assertEquals(Set.of(), ahead, "described, but no route");
      routes.removeAll(described);
      assertEquals(Set.of(), routes, "a route, but not described");
    }
  }

  @Test
  void everyOperationIsWhole() {
    Set<String> ids = new HashSet<>();
    document
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  String name = operation.getKey() + " " + path.getKey();
                  JsonNode described = operation.getValue();
                  assertTrue(ids.add(described.path("operationId").asText()), name);
                  assertFalse(described.path("summary").asText().isEmpty(), name);
                  assertEquals(parameters(path.getKey()), declared(described), name);
                  assertTrue(described.has("security"), name);
                  boolean open = described.get("security").isEmpty();
                  boolean refuses = !open || path.getKey().endsWith("/refresh");
                  assertEquals(refuses, described.get("responses").has("401"), name);
                  assertRefsResolve(described);
                }));
    assertRefsResolve(document.get("components"));
  }

  @Test
  void b21TheDescriptionIsServedOnlyWhenAsked(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      for (String path : List.of("/openapi.json", "/docs", "/redoc")) {
        assertEquals(404, root(api, path).statusCode(), path);
      }
    }
    try (TestApi api = TestApi.start(postgres, Map.of("LIBERCLAW_OPENAPI", "true"))) {
      HttpResponse<String> served = root(api, "/openapi.json");
      assertEquals(200, served.statusCode());
      assertEquals("application/json", served.headers().firstValue("Content-Type").orElse(""));
      assertEquals("3.1.0", Json.parse(served.body()).path("openapi").asText());
    }
  }

  @Test
  void realAnswersFitTheirSchemas(Postgres postgres) throws Exception {
    try (TestApi api =
            TestApi.start(
                postgres,
                Map.of(
                    "LIBERCLAW_THROTTLE_MULTIPLIER",
                    "1000",
                    "LIBERCLAW_AGENT_DIR",
                    "/nonexistent"));
        StubAgent stub = new StubAgent()) {
      stub.on(
          "GET /chat/",
          (_, c) ->
              c.json(
                  200,
                  "{\"messages\":[{\"type\":\"text\",\"content\":\"hi\",\"name\":\"user\"}]}"));
      stub.on(
          "GET /pending",
          (_, c) ->
              c.json(
                  200,
                  "{\"messages\":[{\"chat_id\":\"x:y\",\"content\":\"c\",\"source\":\"heartbeat\","
                      + "\"created_at\":\"2026-01-01\"}]}"));
      stub.on("DELETE /chat/", (_, c) -> c.json(200, "{}"));
      fits(api, "GET", "/health", null, null, 200);
      fits(api, "GET", "/health/ready", null, null, 200);
      String mail = "{\"email\":\"ada@example.com\"}";
      fits(api, "POST", "/auth/login/email", null, mail, 200);
      fits(api, "POST", "/auth/login/email", null, "{\"email\":\"ada\"}", 422);
      fits(api, "POST", "/auth/verify-magic-link", null, "{}", 400);
      fits(api, "POST", "/auth/refresh", null, "{\"refresh_token\":\"x\"}", 401);
      TestApi.Tokens tokens = api.member("ada@example.com");
      String token = tokens.access();
      String refresh = "{\"refresh_token\":\"" + tokens.refresh() + "\"}";
      fits(api, "POST", "/auth/refresh", null, refresh, 200);
      fits(api, "POST", "/auth/guest", null, "{\"device_id\":\"d\"}", 200);
      fits(api, "POST", "/auth/guest", null, "{\"device_id\":\"\"}", 400);
      fits(api, "GET", "/users/me", token, null, 200);
      fits(api, "GET", "/users/me", null, null, 401);
      fits(api, "PATCH", "/users/me", token, "{\"display_name\":\"Ada\"}", 200);
      fits(api, "GET", "/usage/", token, null, 200);
      String agent = "/agents/" + api.adoptAgent(api.userId(tokens), stub);
      String chat = agent.replace("/agents/", "/chat/");
      fits(api, "GET", "/agents/", token, null, 200);
      fits(api, "POST", "/agents/", token, "{\"name\":\"\"}", 422);
      fits(api, "POST", "/agents/", token, "{\"name\":\"x\"}", 400);
      fits(api, "POST", "/agents/", token, "{\"name\":\"x\",\"system_prompt\":\"x\"}", 503);
      fits(api, "GET", agent, token, null, 200);
      fits(api, "GET", "/agents/" + UUID.randomUUID(), token, null, 404);
      fits(api, "GET", "/agents/x", token, null, 422);
      fits(api, "PATCH", agent, token, "{\"skills\":[\"git\"]}", 200);
      fits(api, "GET", agent + "/status", token, null, 200);
      fits(api, "GET", agent + "/health", token, null, 200);
      fits(api, "POST", agent + "/redeploy", token, null, 400);
      fits(api, "GET", chat + "/history", token, null, 200);
      fits(api, "GET", chat + "/pending", token, null, 200);
      fits(api, "GET", chat + "/active", token, null, 200);
      fits(api, "POST", chat + "/stop", token, null, 200);
      fits(api, "DELETE", chat, token, null, 204);
      fits(api, "DELETE", agent, token, null, 204);
      fits(api, "POST", "/auth/logout", null, refresh, 204);
      fits(api, "POST", "/auth/logout/all", token, null, 204);
    }
  }

  private void fits(
      TestApi api,
      String method,
      String path,
      @Nullable String token,
      @Nullable String body,
      int status)
      throws Exception {
    HttpResponse<String> answer = api.call(method, path, token, body);
    String name = method + " " + path + ": " + answer.body();
    assertEquals(status, answer.statusCode(), name);
    JsonNode response =
        schemas.resolve(
            operation(method, "/api/v1" + path).path("responses").path(Integer.toString(status)));
    assertFalse(response.isMissingNode(), "not described: " + name);
    JsonNode schema = response.at("/content/application~1json/schema");
    if (schema.isMissingNode()) {
      assertEquals("", answer.body(), name);
    } else {
      assertEquals(List.of(), schemas.faults(schema, Json.parse(answer.body())), name);
    }
  }

  private JsonNode operation(String method, String path) {
    for (Map.Entry<String, JsonNode> described : document.get("paths").properties()) {
      String pattern = PARAMETER.matcher(described.getKey()).replaceAll("[^/]+");
      if (path.matches(pattern)
          && described.getValue().has(method.toLowerCase(java.util.Locale.ROOT))) {
        return described.getValue().get(method.toLowerCase(java.util.Locale.ROOT));
      }
    }
    throw new AssertionError("not described: " + method + " " + path);
  }

  private static Set<String> parameters(String path) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = PARAMETER.matcher(path);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static Set<String> declared(JsonNode operation) {
    Set<String> names = new TreeSet<>();
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asText().equals("path")) {
        names.add(parameter.path("name").asText());
      }
    }
    return names;
  }

  private void assertRefsResolve(JsonNode node) {
    if (node.has("$ref")) {
      schemas.resolve(node);
    }
    node.forEach(this::assertRefsResolve);
  }

  private static HttpResponse<String> root(TestApi api, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + api.server.port() + path);
    return api.http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
