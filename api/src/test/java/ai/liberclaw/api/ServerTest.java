package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What holds for every route: who may call it, CORS, and the shapes of refusals. */
class ServerTest {
  private static final String ORIGIN = "https://app.example";
  private static TestApi api;

  @BeforeAll
  static void start() throws Exception {
    api =
        TestApi.start(
            Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000", "LIBERCLAW_CORS_ORIGINS", ORIGIN));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  /** A route with what its owner gets, and what anybody else who is signed in gets. */
  private record Row(String method, String path, @Nullable String body, int owner, int other) {}

  @Test
  void everyRouteAnswersItsOwnerAndNobodyElse() throws Exception {
    try (StubAgent stub = new StubAgent("queue", "resume").onChat("{\"type\":\"done\"}")) {
      stub.on("GET /chat/", (_, c) -> c.json(200, "{\"messages\":[],\"active\":false}"));
      stub.on("DELETE /chat/", (_, c) -> c.json(200, "{}"));
      stub.on("POST /chat/", (_, c) -> c.json(200, "{\"status\":\"ok\",\"cancelled\":false}"));
      String email = "owner@example.com";
      TestApi.Tokens owner =
          TestApi.Tokens.of(
              api.post(
                  "/auth/verify-magic-link",
                  null,
                  "{\"email\":\"%s\",\"code\":\"%s\"}".formatted(email, api.mail(email).code())));
      UUID agent = api.adoptAgent(api.userId(owner), stub);
      String chat = "/chat/" + agent;
      List<Row> rows =
          List.of(
              new Row("GET", "/users/me", null, 200, 200),
              new Row("PATCH", "/users/me", "{\"display_name\":\"Ada\"}", 200, 200),
              new Row("GET", "/usage/", null, 200, 200),
              new Row("GET", "/usage", null, 200, 200),
              new Row("POST", chat, "{\"message\":\"x\"}", 200, 404),
              new Row("GET", chat + "/stream", null, 200, 404),
              new Row("GET", chat + "/history", null, 200, 404),
              new Row("GET", chat + "/pending", null, 200, 404),
              new Row("GET", chat + "/active", null, 200, 404),
              new Row("POST", chat + "/stop", null, 200, 404),
              new Row("DELETE", chat, null, 204, 404));
      TestApi.Tokens guest = api.guest();
      for (Row row : rows) {
        String name = row.method() + " " + row.path();
        assertEquals(row.owner(), status(row, owner.access()), name + " owner");
        assertEquals(row.other(), status(row, guest.access()), name + " guest");
        assertRefused(row, null, "Not authenticated");
        assertRefused(row, owner.refresh(), "Invalid or expired token");
        assertRefused(row, "x.y.z", "Invalid or expired token");
      }
      api.clock.advance(Duration.ofMinutes(16));
      for (Row row : rows) {
        assertRefused(row, owner.access(), "Invalid or expired token");
      }
    }
  }

  private static int status(Row row, String token) throws Exception {
    return api.call(row.method(), row.path(), token, row.body()).statusCode();
  }

  private static void assertRefused(Row row, @Nullable String token, String detail)
      throws Exception {
    HttpResponse<String> answer =
        api.call(row.method(), row.path(), token, row.body(), "Origin", ORIGIN);
    String name = row.method() + " " + row.path();
    assertEquals(401, answer.statusCode(), name);
    assertEquals("{\"detail\":\"" + detail + "\"}", answer.body(), name);
    assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""), name);
    assertEquals(
        ORIGIN, answer.headers().firstValue("Access-Control-Allow-Origin").orElse(""), name);
  }

  @Test
  void onlyListedOriginsMayReadAnswers() throws Exception {
    HttpResponse<String> preflight =
        api.call(
            "OPTIONS",
            "/agents/",
            null,
            null,
            "Origin",
            ORIGIN,
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "authorization,content-type");
    assertEquals(204, preflight.statusCode());
    Map<String, List<String>> headers = preflight.headers().map();
    assertEquals(List.of(ORIGIN), headers.get("access-control-allow-origin"));
    assertEquals(
        List.of("authorization,content-type"), headers.get("access-control-allow-headers"));
    assertEquals(
        List.of("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
        headers.get("access-control-allow-methods"));
    assertTrue(!headers.containsKey("access-control-allow-credentials"));
    HttpResponse<String> foreign =
        api.call(
            "OPTIONS",
            "/agents/",
            null,
            null,
            "Origin",
            "https://evil.example",
            "Access-Control-Request-Method",
            "POST");
    assertEquals(400, foreign.statusCode());
    assertTrue(foreign.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
    HttpResponse<String> missing = api.call("GET", "/nowhere", null, null, "Origin", ORIGIN);
    assertEquals(404, missing.statusCode());
    assertEquals(ORIGIN, missing.headers().firstValue("Access-Control-Allow-Origin").orElse(""));
    assertTrue(missing.headers().firstValue("X-Request-Id").isPresent());
  }

  @Test
  void healthIsUnconditionalAndReadinessAsksTheDatabase() throws Exception {
    assertEquals("{\"status\":\"ok\"}", api.call("GET", "/health", null, null).body());
    HttpResponse<String> ready = api.call("GET", "/health/ready", null, null);
    assertEquals(200, ready.statusCode(), ready.body());
    assertTrue(ready.body().contains("\"database\":\"ok\""), ready.body());
  }

  @Test
  void refusalsHaveTheirShape() throws Exception {
    HttpResponse<String> method = api.call("DELETE", "/health", null, null);
    assertEquals(405, method.statusCode());
    assertEquals("{\"detail\":\"Method Not Allowed\"}", method.body());
    assertTrue(method.headers().firstValue("Allow").orElse("").contains("GET"));
    TestApi.Tokens guest = api.guest();
    HttpResponse<String> long100 =
        api.call(
            "PATCH", "/users/me", guest.access(), "{\"display_name\":\"" + "x".repeat(101) + "\"}");
    assertEquals(422, long100.statusCode());
    assertTrue(long100.body().contains("\"string_too_long\""), long100.body());
    HttpResponse<String> surrogate =
        api.call("PATCH", "/users/me", guest.access(), "{\"display_name\":\"\\ud800\"}");
    assertEquals(422, surrogate.statusCode());
    HttpResponse<String> profile =
        api.call("PATCH", "/users/me", guest.access(), "{\"tier\":\"pro\"}");
    assertEquals(200, profile.statusCode());
    assertTrue(profile.body().contains("\"tier\":\"guest\""), profile.body());
  }
}
