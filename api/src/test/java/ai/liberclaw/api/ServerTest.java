package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What holds for every route: who may call it, CORS, and the shapes of refusals. */
@ExtendWith(Postgres.Extension.class)
class ServerTest {
  private static final String ORIGIN = "https://app.example";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api =
        TestApi.start(
            postgres,
            Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000", "LIBERCLAW_CORS_ORIGINS", ORIGIN));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
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
    // Without what makes it a preflight it is a method like any other that no route has.
    for (String path : List.of("/agents/", "/users/me", "/health")) {
      HttpResponse<String> plain = api.call("OPTIONS", path, null, null);
      assertEquals(405, plain.statusCode(), path);
      assertTrue(plain.headers().firstValue("Allow").orElse("").contains("GET"), path);
    }
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
    assertEquals(
        "{\"status\":\"ok\",\"checks\":"
            + "{\"database\":\"ok\",\"migrations\":\"ok\",\"deployments\":\"ok\"}}",
        ready.body());
    // A migration that went wrong, and a queue that cannot be read.
    api.sql()
        .execute(
            "insert into flyway_schema_history (installed_rank, description, type, script,"
                + " installed_by, execution_time, success) values (99, 'x', 'SQL', 'x', 'x', 0, false)");
    HttpResponse<String> unready = api.call("GET", "/health/ready", null, null);
    assertEquals(503, unready.statusCode());
    assertTrue(unready.body().contains("\"migrations\":\"failed\""), unready.body());
    api.sql().execute("delete from flyway_schema_history where installed_rank = 99");
    api.sql().execute("alter table deployments rename to away");
    try {
      TestApi.await(
          TestApi.DEADLINE,
          () ->
              api.call("GET", "/health/ready", null, null)
                  .body()
                  .contains("\"deployments\":\"failed\""));
    } finally {
      api.sql().execute("alter table away rename to deployments");
    }
    TestApi.await(
        TestApi.DEADLINE, () -> api.call("GET", "/health/ready", null, null).statusCode() == 200);
  }

  @Test
  void aServerThatCannotStartSaysWhyInOneLine(Postgres postgres) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      StartException e =
          assertThrows(StartException.class, () -> TestApi.start(postgres, Map.of("PORT", port)));
      assertEquals(
          "Cannot listen on 127.0.0.1:" + port + ": Address already in use", e.getMessage());
    }
    Path file = Files.createTempFile("no-directory", "");
    try {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> TestApi.start(postgres, Map.of("LIBERCLAW_DATA_DIR", file.toString())));
      assertEquals(1, e.problems().size());
      assertTrue(e.problems().getFirst().startsWith("LIBERCLAW_DATA_DIR "), e.getMessage());
    } finally {
      Files.delete(file);
    }
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
