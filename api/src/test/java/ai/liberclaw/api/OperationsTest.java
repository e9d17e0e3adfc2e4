package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What whoever runs the server sees of it: metrics, readiness, request ids and logs. */
@ExtendWith(Postgres.Extension.class)
class OperationsTest {
  private static final String ORIGIN = "https://app.example";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api =
        TestApi.start(
            postgres, Map.of("LIBERCLAW_ADMIN_PORT", "0", "LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  @Test
  void d10RequestsJobsPoolAndStreamsAreMeasuredOnTheAdminPortAlone() throws Exception {
    TestApi.Tokens guest = api.guest();
    assertEquals(
        404, api.call("GET", "/agents/" + UUID.randomUUID(), guest.access(), null).statusCode());
    String route =
        "liberclaw_http_requests_seconds_count{method=\"GET\","
            + "route=\"/api/v1/agents/{agent_id}\",status=\"4xx\"} ";
    // A request is counted after its answer, and the database may take longer than one look.
    TestApi.await(
        TestApi.DEADLINE,
        () -> {
          String seen = admin("/metrics").body();
          return seen.contains(route) && value(seen, "liberclaw_jobs{state=\"queued\"}") == 0;
        });
    String metrics = admin("/metrics").body();
    assertEquals(0, value(metrics, "liberclaw_jobs{state=\"queued\"}"));
    assertEquals(0, value(metrics, "liberclaw_jobs_oldest_age_seconds{state=\"running\"}"));
    assertTrue(value(metrics, "liberclaw_db_connections{state=\"max\"}") > 1);
    for (String name :
        List.of(
            "liberclaw_agents{state=\"running\"}",
            "liberclaw_mails{state=\"failed\"}",
            "liberclaw_streams_open{kind=\"chat\"}",
            "liberclaw_events_relayed_total",
            "liberclaw_agent_calls_total{outcome=\"unreachable\"}",
            "liberclaw_jobs_ended_day{state=\"failed\"}")) {
      assertTrue(value(metrics, name) >= 0, name);
    }
    assertTrue(metrics.contains("jvm_memory_used_bytes{"), metrics);
    assertTrue(metrics.contains("jvm_threads_live_threads"), metrics);
    for (String path : List.of("/metrics", "/observe/metrics", "/observe/health", "/health")) {
      assertEquals(404, get(api.server.port(), path).statusCode(), path);
    }
  }

  @Test
  void openStreamsAndRelayedEventsAreCounted() throws Exception {
    try (StubAgent stub = new StubAgent("queue", "resume")) {
      java.util.concurrent.CountDownLatch go = new java.util.concurrent.CountDownLatch(1);
      stub.on(
          "POST /chat",
          (_, c) -> {
            c.head();
            c.event("{\"type\":\"text\",\"content\":\"x\"}");
            go.await();
            c.event("{\"type\":\"done\"}");
            c.end();
          });
      TestApi.Tokens guest = api.guest();
      UUID agent = api.adoptAgent(api.userId(guest), stub);
      double before = value(admin("/metrics").body(), "liberclaw_events_relayed_total");
      try (ChatClient client =
          ChatClient.open(api, "POST", "/chat/" + agent, guest.access(), "{\"message\":\"x\"}")) {
        client.until("\"text\"");
        String open = "liberclaw_streams_open{kind=\"chat\"}";
        assertEquals(1, value(admin("/metrics").body(), open));
        go.countDown();
        client.until("\"done\"");
        TestApi.await(TestApi.DEADLINE, () -> value(admin("/metrics").body(), open) == 0);
      }
      assertEquals(before + 2, value(admin("/metrics").body(), "liberclaw_events_relayed_total"));
    }
  }

  @Test
  void anAdminPortIsOpenOnlyWhenAsked(Postgres postgres) throws Exception {
    try (TestApi plain = TestApi.start(postgres)) {
      assertEquals(-1, plain.server.adminPort());
    }
  }

  @Test
  void d14ReadinessLooksAtDatabaseMigrationsAndJobsWhileLivenessLooksAtNothing() throws Exception {
    assertEquals(200, admin("/health/ready").statusCode());
    api.sql()
        .execute(
            "insert into flyway_schema_history (installed_rank, description, type, script,"
                + " installed_by, execution_time, success) values (99, 'x', 'SQL', 'x', 'x', 0, false)");
    try {
      HttpResponse<String> unready = admin("/health/ready");
      assertEquals(503, unready.statusCode());
      assertTrue(unready.body().contains("migrations"), unready.body());
      assertEquals(503, api.call("GET", "/health/ready", null, null).statusCode());
      assertEquals(200, admin("/health/live").statusCode());
      assertEquals(200, api.call("GET", "/health", null, null).statusCode());
    } finally {
      api.sql().execute("delete from flyway_schema_history where installed_rank = 99");
    }
  }

  @Test
  void c22AFaultOfOursIsJsonThatBrowsersMayReadWithAnIdThatTheLogHas() throws Exception {
    TestApi.Tokens guest = api.guest();
    api.sql().execute("alter table daily_usage rename to away");
    try (LogLines log = new LogLines("ai.liberclaw")) {
      HttpResponse<String> broken =
          api.call(
              "GET", "/usage/", guest.access(), null, "Origin", ORIGIN, "X-Request-Id", "trace-1");
      assertEquals(500, broken.statusCode());
      assertEquals("{\"detail\":\"Internal Server Error\"}", broken.body());
      assertEquals("application/json", header(broken, "Content-Type"));
      assertEquals(ORIGIN, header(broken, "Access-Control-Allow-Origin"));
      assertEquals("trace-1", header(broken, "X-Request-Id"));
      assertEquals(1, log.with("request.failed id=trace-1 ").size());
      line(log, "request.served id=trace-1 ");
    } finally {
      api.sql().execute("alter table away rename to daily_usage");
    }
  }

  @Test
  void c22WhatFailsBeforeRoutingIsReadableToo() throws Exception {
    String tooLarge =
        raw(
            "POST /api/v1/auth/guest HTTP/1.1\r\nHost: x\r\nOrigin: "
                + ORIGIN
                + "\r\nContent-Length: 99999999\r\n\r\n");
    assertTrue(tooLarge.startsWith("HTTP/1.1 413 "), tooLarge);
    assertTrue(tooLarge.contains("{\"detail\":\"Request body too large\"}"), tooLarge);
    assertTrue(tooLarge.contains("Access-Control-Allow-Origin: " + ORIGIN), tooLarge);
    assertTrue(tooLarge.contains("X-Request-Id: "), tooLarge);
    String longLine = raw("GET /" + "x".repeat(8200) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertTrue(longLine.startsWith("HTTP/1.1 414 "), longLine);
    assertTrue(longLine.contains("{\"detail\":"), longLine);
    String twoLengths =
        raw(
            "POST /api/v1/auth/guest HTTP/1.1\r\nHost: x\r\nOrigin: "
                + ORIGIN
                + "\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n");
    assertTrue(twoLengths.startsWith("HTTP/1.1 400 "), twoLengths);
    assertTrue(twoLengths.contains("Access-Control-Allow-Origin: " + ORIGIN), twoLengths);
  }

  @Test
  void requestIdsAreBelievedFromProxiesWhenTheyAreSane(Postgres postgres) throws Exception {
    assertEquals("abc-1", header(withId(api, "abc-1"), "X-Request-Id"));
    for (String id : List.of("a b", "x".repeat(65), "<x>")) {
      assertTrue(header(withId(api, id), "X-Request-Id").matches("[0-9a-f]{16}"), id);
    }
    try (TestApi far = TestApi.start(postgres, Map.of("LIBERCLAW_TRUSTED_PROXIES", "10.0.0.0/8"))) {
      assertNotEquals("abc-1", header(withId(far, "abc-1"), "X-Request-Id"));
    }
  }

  @Test
  void d10TheAccessLogNamesRoutesAndClientsButNoSecrets(Postgres postgres) throws Exception {
    TestApi.Tokens guest = api.guest();
    UUID agent = UUID.randomUUID();
    try (LogLines log = new LogLines("ai.liberclaw.access")) {
      api.call(
          "GET",
          "/agents/" + agent + "?token=hush",
          guest.access(),
          null,
          "X-Forwarded-For",
          "2001:db8:1:2::9",
          "X-Request-Id",
          "one");
      api.call("GET", "/who/ada%40example.com?q=hush", null, null, "X-Request-Id", "two");
      String one = line(log, "id=one ");
      assertTrue(
          one.matches(
              "(?s).*request.served id=one method=GET path=/api/v1/agents/\\{agent_id} status=404"
                  + " ms=\\d+ bytes=\\d+ client=2001:db8:1:2:0:0:0:0/64\n"),
          one);
      String two = line(log, "id=two ");
      assertTrue(two.contains(" path=/api/v1/who/(e-mail) status=404 "), two);
      assertEquals(List.of(), log.with("hush"));
      assertEquals(List.of(), log.with(guest.access()));
    }
    try (TestApi quiet = TestApi.start(postgres, Map.of("LIBERCLAW_ACCESS_LOG", "false"));
        LogLines log = new LogLines("ai.liberclaw.access")) {
      withId(quiet, "three");
      assertEquals(List.of(), log.with("id=three "));
    }
  }

  @Test
  void d10NoAddressOfAPersonIsLoggedEvenWhenTheDatabaseRefusesIt(Postgres postgres)
      throws Exception {
    try (TestApi own = TestApi.start(postgres);
        LogLines log = new LogLines("ai.liberclaw")) {
      own.sql()
          .execute(
              "alter table magic_links add constraint none check (email <> 'grace@example.com')");
      HttpResponse<String> broken =
          own.post("/auth/login/email", null, "{\"email\":\"grace@example.com\"}");
      assertEquals(500, broken.statusCode());
      assertFalse(log.with("request.failed").isEmpty());
      assertEquals(List.of(), log.with("grace"));
    }
  }

  @Test
  void d4CallsToAnAgentShareConnections() throws Exception {
    try (KeepAliveAgent agent = new KeepAliveAgent()) {
      TestApi.Tokens guest = api.guest();
      UUID id = api.adoptAgent(api.userId(guest), agent.origin());
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> health =
            api.call("GET", "/agents/" + id + "/health", guest.access(), null);
        assertTrue(health.body().contains("\"healthy\":true"), health.body());
      }
      assertEquals(5, agent.requests());
      assertEquals(1, agent.connections());
    }
  }

  @Test
  void c8NulAndOtherTextThatNobodyCanStoreIsRefused() throws Exception {
    TestApi.Tokens guest = api.guest();
    String agent = "/agents/" + UUID.randomUUID();
    for (String bad : List.of("\\u0000", "a\\u0000b", "\\ud800", "\\udc00x")) {
      for (String[] call :
          new String[][] {
            {"PATCH", "/users/me", "{\"display_name\":\"%s\"}"},
            {"POST", "/agents/", "{\"name\":\"%s\",\"system_prompt\":\"x\"}"},
            {"POST", "/agents/", "{\"name\":\"x\",\"system_prompt\":\"%s\"}"},
            {"POST", "/agents/", "{\"name\":\"x\",\"template_id\":\"%s\"}"},
            {"POST", "/agents/", "{\"name\":\"x\",\"skills\":[\"%s\"]}"},
            {"PATCH", agent, "{\"model\":\"%s\"}"},
            {"POST", agent.replace("agents", "chat"), "{\"message\":\"%s\"}"},
            {"POST", "/auth/guest", "{\"device_id\":\"%s\"}"},
            {"POST", "/auth/refresh", "{\"refresh_token\":\"%s\"}"},
            {"POST", "/auth/logout", "{\"refresh_token\":\"%s\"}"},
            {"POST", "/auth/login/email", "{\"email\":\"%s@example.com\"}"},
            {"POST", "/auth/verify-magic-link", "{\"token\":\"%s\"}"}
          }) {
        HttpResponse<String> answer =
            api.call(call[0], call[1], guest.access(), call[2].formatted(bad));
        assertEquals(422, answer.statusCode(), call[1] + " " + call[2] + " " + bad);
        assertTrue(Json.parse(answer.body()).get("detail").isArray());
      }
    }
    assertEquals(422, api.call("GET", "/agents/%00", guest.access(), null).statusCode());
  }

  @Test
  void c8LengthsAndRangesAreRefusedNotFailed() throws Exception {
    TestApi.Tokens guest = api.guest();
    String chat = "/chat/" + UUID.randomUUID();
    for (String query : List.of("limit=-1", "limit=0", "limit=201", "limit=x", "limit=1e3")) {
      assertEquals(
          422,
          api.call("GET", chat + "/history?" + query, guest.access(), null).statusCode(),
          query);
    }
    assertEquals(
        422, api.call("GET", chat + "/stream?after=-1", guest.access(), null).statusCode());
    assertEquals(
        422,
        api.call(
                "PATCH",
                "/users/me",
                guest.access(),
                "{\"display_name\":\"" + "x".repeat(101) + "\"}")
            .statusCode());
    assertEquals(
        400,
        api.post("/auth/guest", null, "{\"device_id\":\"" + "x".repeat(256) + "\"}").statusCode());
    HttpResponse<String> model =
        api.post(
            "/agents/",
            guest.access(),
            "{\"name\":\"x\",\"system_prompt\":\"x\",\"model\":\"gpt-0\"}");
    assertEquals(400, model.statusCode());
    assertEquals("{\"detail\":\"Unknown model: gpt-0\"}", model.body());
  }

  @Test
  void b24NoAnswerAllowsCredentials() throws Exception {
    for (String method : List.of("GET", "OPTIONS")) {
      HttpResponse<String> answer =
          api.call(
              method,
              "/health",
              null,
              null,
              "Origin",
              ORIGIN,
              "Access-Control-Request-Method",
              "GET");
      assertEquals(ORIGIN, header(answer, "Access-Control-Allow-Origin"));
      assertEquals("", header(answer, "Access-Control-Allow-Credentials"));
    }
  }

  /** The one line with this text, which is written once the answer has been sent. */
  private static String line(LogLines log, String text) throws Exception {
    TestApi.await(TestApi.DEADLINE, () -> log.with(text).size() == 1);
    return log.with(text).getFirst();
  }

  private static HttpResponse<String> withId(TestApi server, String id) throws Exception {
    return server.call("GET", "/health", null, null, "X-Request-Id", id);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static HttpResponse<String> admin(String path) throws Exception {
    return get(api.server.adminPort(), path);
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return api.http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** The value of one series; its absence is a failure. */
  private static double value(String metrics, String series) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(series) + " (\\S+)$", Pattern.MULTILINE)
            .matcher(metrics);
    if (!line.find()) {
      throw new AssertionError("no " + series + " in\n" + metrics);
    }
    return Double.parseDouble(line.group(1));
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.server.port())) {
      socket.setSoTimeout((int) TestApi.DEADLINE.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
