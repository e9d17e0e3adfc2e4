package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.testkit.agent.StubAgent;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every route of the server against every kind of caller. A route without a row fails. */
@ExtendWith(Postgres.Extension.class)
class RouteTableTest {
  private static final String ORIGIN = "https://app.example";
  private static final String NOBODY = "Not authenticated";
  private static final String NO_TOKEN = "Invalid or expired token";

  private static final String AGENT = "/api/v1/agents/{agent_id}";
  private static final String CHAT = "/api/v1/chat/{agent_id}";
  private static final String DRAFT = "{\"name\":\"Ada\",\"system_prompt\":\"x\"}";

  /**
   * @param route as the router lists it
   * @param owner what the owner of the agent gets
   * @param other what anybody else who is signed in gets, a guest too
   */
  private record Row(String route, @Nullable String body, int owner, int other) {
    String method() {
      return route.substring(0, route.indexOf(' '));
    }

    String path(UUID agent) {
      return route
          .substring(route.indexOf(' ') + 1 + "/api/v1".length())
          .replace("{agent_id}", agent.toString())
          .replace("{approval_id}", "a");
    }
  }

  /** In an order in which the owner's calls do not disturb each other. */
  private static final List<Row> OWNED =
      List.of(
          new Row("GET /api/v1/users/me", null, 200, 200),
          new Row("PATCH /api/v1/users/me", "{\"display_name\":\"Ada\"}", 200, 200),
          new Row("GET /api/v1/usage/", null, 200, 200),
          new Row("GET /api/v1/agents/", null, 200, 200),
          // Its release is not there, so nothing is deployed.
          new Row("POST /api/v1/agents/", DRAFT, 503, 503),
          new Row("GET " + AGENT, null, 200, 404),
          new Row("PATCH " + AGENT, "{\"name\":\"Bob\"}", 200, 404),
          new Row("GET " + AGENT + "/status", null, 200, 404),
          new Row("GET " + AGENT + "/health", null, 200, 404),
          // One that the original deployed.
          new Row("POST " + AGENT + "/redeploy", null, 400, 404),
          new Row("POST " + AGENT + "/rebuild", null, 503, 404),
          new Row("POST " + CHAT, "{\"message\":\"x\"}", 200, 404),
          new Row("GET " + CHAT + "/stream", null, 200, 404),
          new Row("GET " + CHAT + "/history", null, 200, 404),
          new Row("GET " + CHAT + "/pending", null, 200, 404),
          new Row("GET " + CHAT + "/active", null, 200, 404),
          new Row("POST " + CHAT + "/stop", null, 200, 404),
          new Row("GET " + CHAT + "/approvals", null, 200, 404),
          // The agent has asked nothing.
          new Row("POST " + CHAT + "/approvals/{approval_id}", "{\"decision\":\"deny\"}", 404, 404),
          new Row("DELETE " + CHAT, null, 204, 404),
          new Row("DELETE " + AGENT, null, 204, 404),
          new Row("POST /api/v1/auth/logout/all", null, 204, 204));

  /** Without a caller; whose bearer is sent with a login is in its own tests. */
  private static final Map<String, Integer> OPEN =
      Map.of(
          "GET /api/v1/health", 200,
          "GET /api/v1/health/ready", 200,
          "POST /api/v1/auth/guest", 422,
          "POST /api/v1/auth/login/email", 422,
          "POST /api/v1/auth/verify-magic-link", 400,
          "POST /api/v1/api/v1/auth/verify-magic-link", 400,
          "POST /api/v1/auth/refresh", 422,
          "POST /api/v1/auth/logout", 422);

  @Test
  void everyRouteAnswersItsOwnerAndNobodyElse(Postgres postgres) throws Exception {
    try (TestApi api =
            TestApi.start(
                postgres,
                Map.of(
                    "LIBERCLAW_THROTTLE_MULTIPLIER",
                    "1000",
                    "LIBERCLAW_CORS_ORIGINS",
                    ORIGIN,
                    "LIBERCLAW_AGENT_DIR",
                    "/nonexistent"));
        StubAgent stub = new StubAgent("queue", "resume").onChat("{\"type\":\"done\"}")) {
      TreeSet<String> rows = new TreeSet<>(OPEN.keySet());
      OWNED.forEach(row -> rows.add(row.route()));
      assertEquals(new TreeSet<>(api.server.routes()), rows);

      stub.on("GET /chat/", (_, c) -> c.json(200, "{\"messages\":[],\"active\":false}"));
      stub.on("DELETE /chat/", (_, c) -> c.json(200, "{}"));
      stub.on("POST /chat/", (_, c) -> c.json(200, "{\"status\":\"ok\",\"cancelled\":false}"));
      TestApi.Tokens owner = api.member("owner@example.com");
      TestApi.Tokens other = api.member("other@example.com");
      TestApi.Tokens guest = api.guest();
      TestApi.Tokens expired = api.guest();
      api.clock.advance(Duration.ofMinutes(16));
      owner = api.refreshed(owner);
      other = api.refreshed(other);
      guest = api.refreshed(guest);
      UUID agent = api.adoptAgent(api.userId(owner), stub);

      for (Map.Entry<String, Integer> route : OPEN.entrySet()) {
        Row row = new Row(route.getKey(), route.getKey().startsWith("POST") ? "{}" : null, 0, 0);
        assertEquals(route.getValue(), status(api, row, agent, null), row.route());
      }
      for (Row row : OWNED) {
        assertRefused(api, row, agent, null, NOBODY);
        assertRefused(api, row, agent, "", NOBODY);
        assertRefused(api, row, agent, owner.refresh(), NO_TOKEN);
        assertRefused(api, row, agent, expired.access(), NO_TOKEN);
        assertRefused(api, row, agent, "x.y.z", NO_TOKEN);
        assertEquals(row.other(), status(api, row, agent, other.access()), row + " other user");
        assertEquals(row.other(), status(api, row, agent, guest.access()), row + " guest");
        assertEquals(row.owner(), status(api, row, agent, owner.access()), row + " owner");
      }
      // The last of them signed everybody out; their access tokens are revoked.
      for (Row row : OWNED) {
        for (TestApi.Tokens tokens : List.of(owner, other, guest)) {
          assertRefused(api, row, agent, tokens.access(), NO_TOKEN);
        }
      }
    }
  }

  private static int status(TestApi api, Row row, UUID agent, @Nullable String token)
      throws Exception {
    return api.call(row.method(), row.path(agent), token, row.body()).statusCode();
  }

  private static void assertRefused(
      TestApi api, Row row, UUID agent, @Nullable String token, String detail) throws Exception {
    HttpResponse<String> answer =
        api.call(row.method(), row.path(agent), token, row.body(), "Origin", ORIGIN);
    assertEquals(401, answer.statusCode(), row.route());
    assertEquals("{\"detail\":\"" + detail + "\"}", answer.body(), row.route());
    assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""));
    assertEquals(
        ORIGIN, answer.headers().firstValue("Access-Control-Allow-Origin").orElse(""), row.route());
  }
}
