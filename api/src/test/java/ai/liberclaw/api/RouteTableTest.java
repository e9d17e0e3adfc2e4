package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.deploy.inference.AgentToken;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final String NO_PERSONAL_TOKEN = "Not allowed with a personal access token";

  private static final String AGENT = "/api/v1/agents/{agent_id}";
  private static final String FILES = "/api/v1/files/{agent_id}";
  private static final String CHAT = "/api/v1/chat/{agent_id}";
  private static final String KEY = "{\"key\":\"sk-0123456789abcdef\"}";

  /** Never ends, so its status alone is read. */
  private static final String FEED = "GET /api/v1/activity/stream";

  private static final String DRAFT = "{\"name\":\"Ada\",\"system_prompt\":\"x\"}";

  private static final String CONNECTIONS = "/api/v1/users/me/connections";
  private static final String KEYS = "/api/v1/users/me/api-keys";
  private static final String TOKENS = "/api/v1/users/me/tokens";
  private static final String WISH = "{\"name\":\"ci\",\"scopes\":[\"chat\"]}";
  private static final List<String> SCOPES = List.of("agents:read", "agents:write", "chat");

  /**
   * @param route as the router lists it
   * @param owner what the owner of the agent gets, also by a token with the right scope
   * @param other what anybody else who is signed in gets, a guest too
   */
  private record Row(String route, @Nullable String body, int owner, int other) {
    String method() {
      return route.substring(0, route.indexOf(' '));
    }

    String path(Things things) {
      return route
          .substring(route.indexOf(' ') + 1 + "/api/v1".length())
          .replace("{template_id}", "code-reviewer")
          .replace("{skill_id}", "git")
          .replace("{agent_id}", things.agent().toString())
          .replace("{connection_id}", things.connection())
          .replace("{key_id}", things.key())
          .replace("{token_id}", things.token())
          .replace("{path...}", "a.txt")
          .replace("{approval_id}", "a");
    }

    /** What a personal access token needs here; empty where none is taken. */
    Optional<String> scope() {
      String path = route.substring(route.indexOf(' ') + 1 + "/api/v1".length());
      boolean reads = method().equals("GET");
      if (path.startsWith("/agents")) {
        return Optional.of(reads ? "agents:read" : "agents:write");
      }
      if (path.startsWith("/chat/") || path.startsWith("/files/")) {
        return Optional.of("chat");
      }
      boolean shown =
          path.equals("/users/me") || path.startsWith("/usage/") || path.equals("/activity/me");
      return reads && shown ? Optional.of("agents:read") : Optional.empty();
    }
  }

  /** One of each kind of thing that a route can name, all of one owner. */
  private record Things(UUID agent, String connection, String key, String token) {
    static Things of(TestApi api, TestApi.Tokens owner, StubAgent stub) throws Exception {
      UUID user = api.userId(owner);
      String connection = UUID.randomUUID().toString();
      api.sql()
          .execute(
              "insert into wallet_connections (id, user_id, chain, address) values ('%s', '%s',"
                      .formatted(connection, user)
                  + " 'evm', '%s')".formatted(connection));
      return new Things(
          api.adoptAgent(user, stub),
          connection,
          made(api, owner, "/users/me/api-keys", KEY).get("id").textValue(),
          made(api, owner, "/users/me/tokens", WISH).get("id").textValue());
    }
  }

  /** The personal access tokens of somebody, by what they may. */
  private record Personal(Map<String, String> only, Map<String, String> allBut, String all) {
    static Personal of(TestApi api, TestApi.Tokens owner) throws Exception {
      Map<String, String> only = new HashMap<>();
      Map<String, String> allBut = new HashMap<>();
      for (String scope : SCOPES) {
        only.put(scope, token(api, owner, List.of(scope)));
        allBut.put(
            scope, token(api, owner, SCOPES.stream().filter(s -> !s.equals(scope)).toList()));
      }
      return new Personal(only, allBut, token(api, owner, SCOPES));
    }
  }

  private static String token(TestApi api, TestApi.Tokens owner, List<String> scopes)
      throws Exception {
    ObjectNode wish = Json.object().put("name", "ci");
    scopes.forEach(wish.putArray("scopes")::add);
    return made(api, owner, "/users/me/tokens", wish.toString()).get("token").textValue();
  }

  private static JsonNode made(TestApi api, TestApi.Tokens owner, String path, String body)
      throws Exception {
    HttpResponse<String> answer = api.post(path, owner.access(), body);
    assertEquals(201, answer.statusCode(), answer.body());
    return Json.parse(answer.body());
  }

  /** In an order in which the owner's calls do not disturb each other. */
  private static final List<Row> OWNED =
      List.of(
          new Row("GET /api/v1/users/me", null, 200, 200),
          new Row("PATCH /api/v1/users/me", "{\"display_name\":\"Ada\"}", 200, 200),
          new Row("GET " + CONNECTIONS, null, 200, 200),
          new Row("DELETE " + CONNECTIONS + "/{connection_id}", null, 204, 404),
          new Row("GET " + KEYS, null, 200, 200),
          new Row("POST " + KEYS, KEY, 201, 201),
          new Row("DELETE " + KEYS + "/{key_id}", null, 204, 404),
          new Row("GET " + TOKENS, null, 200, 200),
          new Row("POST " + TOKENS, WISH, 201, 201),
          new Row("DELETE " + TOKENS + "/{token_id}", null, 204, 404),
          new Row("GET /api/v1/usage/", null, 200, 200),
          new Row("GET /api/v1/usage/history", null, 200, 200),
          new Row("GET /api/v1/usage/tokens", null, 200, 200),
          new Row("GET /api/v1/usage/costs", null, 200, 200),
          new Row("GET /api/v1/agents/", null, 200, 200),
          // Its release is not there, so nothing is deployed.
          new Row("POST /api/v1/agents/", DRAFT, 503, 503),
          new Row("GET " + AGENT, null, 200, 404),
          new Row("PATCH " + AGENT, "{\"name\":\"Bob\"}", 200, 404),
          new Row("GET " + AGENT + "/status", null, 200, 404),
          new Row("GET " + AGENT + "/health", null, 200, 404),
          new Row("GET " + AGENT + "/budget", null, 200, 404),
          new Row("PUT " + AGENT + "/budget", "{\"day\":{\"usd\":1}}", 200, 404),
          new Row("GET " + AGENT + "/status/stream", null, 200, 404),
          new Row("GET /api/v1/activity/me", null, 200, 200),
          // One that the original deployed.
          new Row("POST " + AGENT + "/redeploy", null, 400, 404),
          new Row("POST " + AGENT + "/rebuild", null, 503, 404),
          new Row("POST " + AGENT + "/repair", null, 503, 404),
          new Row("GET " + FILES + "/tree", null, 200, 404),
          new Row("POST " + FILES + "/upload", null, 422, 404),
          new Row("GET " + FILES + "/{path...}", null, 404, 404),
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
          new Row("DELETE " + AGENT, null, 204, 404));

  /** After these the caller's token is no good any more. */
  private static final List<Row> ENDING =
      List.of(
          new Row("POST /api/v1/auth/logout/all", null, 204, 204),
          new Row("DELETE /api/v1/users/me", null, 204, 204));

  /** Of {@link #OPEN}, those that look at a bearer if one is sent. */
  private static final Set<String> OPTIONAL =
      Set.of(
          "POST /api/v1/auth/verify-magic-link",
          "POST /api/v1/api/v1/auth/verify-magic-link",
          "POST /api/v1/auth/mobile/google",
          "POST /api/v1/auth/mobile/apple");

  /** Without a caller. */
  private static final Map<String, Integer> OPEN =
      Map.ofEntries(
          Map.entry("GET /api/v1/health", 200),
          Map.entry("GET /api/v1/health/ready", 200),
          Map.entry("POST /api/v1/auth/guest", 422),
          Map.entry("POST /api/v1/auth/login/email", 422),
          Map.entry("POST /api/v1/auth/verify-magic-link", 400),
          Map.entry("POST /api/v1/api/v1/auth/verify-magic-link", 400),
          Map.entry("POST /api/v1/auth/refresh", 422),
          Map.entry("POST /api/v1/auth/logout", 422),
          Map.entry("GET /api/v1/templates/", 200),
          Map.entry("GET /api/v1/templates/{template_id}", 200),
          Map.entry("GET /api/v1/skills/", 200),
          Map.entry("GET /api/v1/skills/{skill_id}", 200),
          Map.entry("GET /api/v1/models", 200),
          Map.entry("GET /api/v1/network/crns", 200),
          Map.entry("POST /api/v1/auth/wallet/challenge", 422),
          Map.entry("POST /api/v1/auth/wallet/verify", 422),
          Map.entry("POST /api/v1/auth/mobile/google", 501),
          Map.entry("POST /api/v1/auth/mobile/apple", 422),
          Map.entry("GET /api/v1/auth/oauth/google", 501),
          Map.entry("GET /api/v1/auth/oauth/google/callback", 501),
          Map.entry("GET /api/v1/auth/oauth/github", 501),
          Map.entry("GET /api/v1/auth/oauth/github/callback", 501),
          Map.entry("POST /api/v1/auth/oauth/exchange", 422),
          Map.entry("GET /api/v1/activity/public", 200),
          Map.entry(FEED, 200));

  private static final String INFERENCE = "/api/v1/inference";
  private static final String QUESTION =
      "{\"model\":\"glm-4.7\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

  /** For agents alone: what an agent gets by its own token. Here the demo model answers them. */
  private static final List<Row> OF_AGENTS =
      List.of(
          new Row("POST " + INFERENCE + "/v1/chat/completions", QUESTION, 200, 401),
          new Row("POST " + INFERENCE + "/v1/embeddings", "{\"model\":\"glm-4.7\"}", 404, 401),
          new Row("POST " + INFERENCE + "/v1/images/generations", QUESTION, 404, 401),
          new Row("GET " + INFERENCE + "/v1/models", null, 200, 401),
          new Row("POST " + INFERENCE + "/anthropic/v1/messages", QUESTION, 404, 401),
          new Row("POST " + INFERENCE + "/search", "{\"query\":\"\"}", 400, 401));

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
      ENDING.forEach(row -> rows.add(row.route()));
      OF_AGENTS.forEach(row -> rows.add(row.route()));
      assertEquals(new TreeSet<>(api.server.routes()), rows);

      stub.on("GET /chat/", (_, c) -> c.json(200, "{\"messages\":[],\"active\":false}"));
      stub.on("GET /workspace/tree", (_, c) -> c.json(200, "{\"tree\":[]}"));
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
      TestApi.Tokens revoked = api.guest();
      assertEquals(204, api.post("/auth/logout/all", revoked.access(), "").statusCode());
      Personal owners = Personal.of(api, owner);
      Personal others = Personal.of(api, other);
      // Each of no use for another reason.
      List<String> bad =
          List.of(
              owner.refresh(),
              expired.access(),
              revoked.access(),
              "x.y.z",
              unusable(api, owner, "expires_at"),
              unusable(api, owner, "revoked_at"));
      // The calls with the owner's personal tokens have their own, since some use them up.
      Things mine = Things.of(api, owner, stub);
      Things scripted = Things.of(api, owner, stub);

      for (Map.Entry<String, Integer> route : OPEN.entrySet()) {
        Row row = new Row(route.getKey(), route.getKey().startsWith("POST") ? "{}" : null, 0, 0);
        int open = route.getValue();
        boolean looks = OPTIONAL.contains(row.route());
        assertEquals(open, status(api, row, mine, null), row.route());
        assertEquals(looks ? 401 : open, status(api, row, mine, expired.access()), row.route());
        assertEquals(looks ? 403 : open, status(api, row, mine, owners.all()), row.route());
      }
      String agents =
          new AgentTokens(api.keys()).mint(new AgentToken(mine.agent(), api.userId(owner), 0));
      for (Row row : OF_AGENTS) {
        assertEquals(row.owner(), status(api, row, mine, agents), row.route());
        for (String token : List.of(owner.access(), owner.refresh(), owners.all(), "x.y.z", "")) {
          assertEquals(401, status(api, row, mine, token), row.route());
        }
        assertEquals(401, status(api, row, mine, null), row.route());
      }
      for (Row row : OWNED) {
        assertEquals(401, status(api, row, mine, agents), row + " an agent");
        assertNobodyElse(api, row, mine, bad, owners);
        assertEquals(row.other(), status(api, row, mine, other.access()), row + " other user");
        assertEquals(row.other(), status(api, row, mine, guest.access()), row + " guest");
        assertEquals(row.owner(), status(api, row, mine, owner.access()), row + " owner");
        if (row.scope().isPresent()) {
          String scope = row.scope().get();
          assertEquals(
              row.other(), status(api, row, scripted, others.only().get(scope)), row + " other");
          assertEquals(
              row.owner(), status(api, row, scripted, owners.only().get(scope)), row + " scope");
        }
      }
      for (Row row : ENDING) {
        assertNobodyElse(api, row, mine, bad, owners);
        for (TestApi.Tokens caller : List.of(api.member("ends@example.com"), api.guest())) {
          assertEquals(row.owner(), status(api, row, mine, caller.access()), row.route());
          for (Row after : OWNED) {
            assertEquals(401, status(api, after, mine, caller.access()), after.route());
          }
        }
      }
    }
  }

  /** A personal access token that was good until this time was set. */
  private static String unusable(TestApi api, TestApi.Tokens owner, String column)
      throws Exception {
    String value = token(api, owner, SCOPES);
    api.sql()
        .execute(
            "update personal_access_tokens set %s = '%s' where token_hash = '%s'"
                .formatted(column, api.clock.instant(), Secrets.sha256Hex(value)));
    return value;
  }

  private static void assertNobodyElse(
      TestApi api, Row row, Things things, List<String> bad, Personal owners) throws Exception {
    assertRefused(api, row, things, null, NOBODY);
    assertRefused(api, row, things, "", NOBODY);
    for (String token : bad) {
      assertRefused(api, row, things, token, NO_TOKEN);
    }
    String wrong = row.scope().map(owners.allBut()::get).orElse(owners.all());
    String lacking =
        row.scope().map(scope -> "Token lacks scope " + scope).orElse(NO_PERSONAL_TOKEN);
    // A body that nobody may have read: it would be a 422.
    String body = row.body() == null ? null : "{";
    HttpResponse<String> answer = api.call(row.method(), row.path(things), wrong, body);
    assertEquals(403, answer.statusCode(), row.route());
    assertEquals("{\"detail\":\"" + lacking + "\"}", answer.body(), row.route());
  }

  private static int status(TestApi api, Row row, Things things, @Nullable String token)
      throws Exception {
    if (row.route().equals(FEED)) {
      return api.head(row.path(things));
    }
    return api.call(row.method(), row.path(things), token, row.body()).statusCode();
  }

  private static void assertRefused(
      TestApi api, Row row, Things things, @Nullable String token, String detail) throws Exception {
    HttpResponse<String> answer =
        api.call(row.method(), row.path(things), token, row.body(), "Origin", ORIGIN);
    assertEquals(401, answer.statusCode(), row.route());
    assertEquals("{\"detail\":\"" + detail + "\"}", answer.body(), row.route());
    assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""));
    assertEquals(
        ORIGIN, answer.headers().firstValue("Access-Control-Allow-Origin").orElse(""), row.route());
  }
}
