package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.db.DatabaseException;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A deployment of the original goes on under this server: its people, agents and sign-ins. */
@ExtendWith(Postgres.Extension.class)
class AdoptionTest {
  private static final String SECRET = "the-secret-of-the-original-deployment";
  private static final String KEY = Secrets.token(32) + "=";
  private static final String ADA = "00000000-0000-0000-0000-00000000000a";
  private static final String BOB = "00000000-0000-0000-0000-00000000000b";
  private static final String GUEST = "00000000-0000-0000-0000-00000000000c";
  private static final String SESSION = "00000000-0000-0000-0000-0000000000aa";
  private static final String AGENT = "00000000-0000-0000-0000-0000000000ab";
  private static final Pattern URL = Pattern.compile("postgresql://([^:@/]+)(?::([^@/]*))?@(.*)");

  /** Rows as the original and other tools wrote them, NULL wherever its schema lets them. */
  private static final String ROWS =
      """
      insert into users (id, email, created_at, updated_at) values
        ('%1$s', 'Ada@example.com', '2026-01-01Z', null), ('%2$s', 'ada@example.com', '2026-02-01Z', null);
      insert into users (id, device_id, tier, created_at, updated_at) values ('%3$s', 'device', 'guest', null, null);
      insert into oauth_connections (id, user_id, provider, provider_id, provider_email, created_at) values
        (gen_random_uuid(), '%1$s', 'google', '1', 'Ada@example.com', null);
      insert into wallet_connections (id, user_id, chain, address, is_primary, created_at) values
        (gen_random_uuid(), '%1$s', 'evm', '0xab', null, null);
      insert into sessions (id, user_id, refresh_token_hash, expires_at, created_at) values
        ('%4$s', '%1$s', '%6$s', now() + interval '20 days', null),
        (gen_random_uuid(), '%2$s', 'copied', now(), null), (gen_random_uuid(), '%2$s', 'copied', now(), now());
      insert into magic_links (id, email, token_hash, expires_at, created_at) values
        (gen_random_uuid(), 'Ada@example.com', 'h', now(), null);
      insert into api_keys (id, user_id, encrypted_key, label, is_active, created_at) values
        (gen_random_uuid(), '%1$s', 'sealed', null, null, null);
      insert into agents (id, owner_id, name, system_prompt, vm_url, auth_token, deployment_status, created_at, updated_at)
        values ('%5$s', '%1$s', 'Old', 'Be old.', '%8$s', '%7$s', 'running', null, null);
      insert into agents (id, owner_id, name, system_prompt, created_at, updated_at) values
        (gen_random_uuid(), '%1$s', 'Bare', '', null, null);
      insert into deployment_history (id, agent_id, status, created_at) values (gen_random_uuid(), '%5$s', 'success', null);
      insert into daily_usage (id, user_id, date, message_count) values (gen_random_uuid(), '%1$s', '2026-02-01', null);
      insert into usage_events (id, user_id, event_type, tokens_used, created_at) values
        (gen_random_uuid(), '%1$s', 'x', null, null);
      insert into wallet_challenges (id, address, nonce, expires_at, created_at) values
        (gen_random_uuid(), '0xab', 'n', now(), null);
      insert into activity_events (id, user_id, agent_id, event_type, metadata_json, is_public) values
        (gen_random_uuid(), '%1$s', '%5$s', 'agent_created', null, false),
        (gen_random_uuid(), '%1$s', '%5$s', 'agent_deployed', '{"agent_name":"Old"}', true);
      """;

  private static final Map<String, Integer> COUNTS =
      Map.ofEntries(
          Map.entry("users", 3),
          Map.entry("oauth_connections", 1),
          Map.entry("wallet_connections", 1),
          Map.entry("sessions", 3),
          Map.entry("magic_links", 1),
          Map.entry("api_keys", 1),
          Map.entry("agents", 2),
          Map.entry("deployment_history", 1),
          Map.entry("daily_usage", 1),
          Map.entry("usage_events", 1),
          Map.entry("wallet_challenges", 1),
          Map.entry("activity_events", 2));

  @Test
  void d9WhatTheOriginalLeftNullIsFilledAndItsPeopleGoOn(Postgres postgres) throws Exception {
    String url = postgres.newDatabase();
    try (StubAgent stub = new StubAgent()) {
      stub.on(
          "GET /chat/",
          (_, c) -> c.json(200, "{\"messages\":[{\"type\":\"text\",\"content\":\"long ago\"}]}"));
      String refresh = token("refresh", SESSION);
      original(url, stub.origin(), refresh);
      List<TestApi> servers = startTogether(postgres, url, 2);
      TestApi api = servers.getFirst();
      try {
        COUNTS.forEach((table, count) ->
            assertEquals(count, api.sql().fetch("select 1 from " + table).size(), table));
        assertEquals(
            List.of("1", "2", "3", "4", "5", "6"),
            api.sql()
                .fetchValues("select version from flyway_schema_history order by installed_rank"));
        assertEquals(1, api.sql().fetch("select 1 from installation").size());

        // What the original signed is taken, by every server.
        for (TestApi server : servers) {
          HttpResponse<String> me = server.call("GET", "/users/me", token("access", null), null);
          assertEquals(200, me.statusCode(), me.body());
          assertEquals("Ada@example.com", Json.parse(me.body()).get("email").textValue());
          assertEquals("free", Json.parse(me.body()).get("tier").textValue());
        }
        String body = "{\"refresh_token\":\"" + refresh + "\"}";
        TestApi.Tokens tokens =
            TestApi.Tokens.of(servers.getLast().post("/auth/refresh", null, body));
        assertEquals(401, api.post("/auth/refresh", null, body).statusCode());

        JsonNode agents =
            Json.parse(api.call("GET", "/agents/", tokens.access(), null).body()).get("agents");
        assertEquals(2, agents.size());
        HttpResponse<String> history =
            api.call("GET", "/chat/" + AGENT + "/history?strict=true", tokens.access(), null);
        assertTrue(history.body().contains("long ago"), history.body());
        StubAgent.Request asked = stub.requests("GET /chat/").getFirst();
        assertTrue(asked.path().replace("%3A", ":").contains(ADA + ":" + AGENT), asked.path());
        assertTrue(asked.headers().contains(StubAgent.SECRET));

        HttpResponse<String> guest = api.post("/auth/guest", null, "{\"device_id\":\"device\"}");
        assertEquals(GUEST, api.userId(TestApi.Tokens.of(guest)).toString());
        // Two accounts that differ in case alone stay two, found as they were typed.
        assertEquals(ADA, api.userId(api.member("Ada@example.com")).toString());
        assertEquals(BOB, api.userId(api.member("ada@example.com")).toString());
      } finally {
        for (TestApi server : servers) {
          server.close();
        }
      }
      // It may take over again: it names its own columns, and knows none of ours.
      execute(
          url,
          ROWS.formatted(
                  uuid(), uuid(), uuid(), uuid(), uuid(), "other-hash", "t", "https://x.example")
              .replace("Ada@example.com", "Eve@example.com")
              .replace("ada@example.com", "eve@example.com")
              .replace("'copied', now(), null", "'copied1', now(), null")
              .replace("'copied', now(), now()", "'copied2', now(), now()")
              .replace("'device'", "'device2'")
              .replace("'google', '1'", "'google', '2'")
              .replace("'0xab', null", "'0xac', null")
              .replace("'h', now(), null", "'h2', now(), now()")
              .replaceAll("\\bnull\\b", "default"));
    }
  }

  @Test
  void anotherRevisionOrAForeignDatabaseIsRefusedInWords(Postgres postgres) throws Exception {
    String later = postgres.newDatabase();
    execute(later, originalSchema());
    execute(later, "update alembic_version set version_num = '005'");
    assertTrue(refusal(postgres, later).contains("revision 005; only 004 can be adopted"));
    String foreign = postgres.newDatabase();
    execute(foreign, "create table invoices (id int)");
    assertTrue(refusal(postgres, foreign).contains("holds tables of another program"));
  }

  private static String refusal(Postgres postgres, String url) {
    DatabaseException refused =
        assertThrows(DatabaseException.class, () -> TestApi.start(postgres, settings(url)));
    return String.valueOf(refused.getMessage());
  }

  private static void original(String url, String agentUrl, String refresh) throws Exception {
    execute(url, originalSchema());
    execute(
        url,
        ROWS.formatted(
            ADA,
            BOB,
            GUEST,
            SESSION,
            AGENT,
            Secrets.sha256Hex(refresh),
            FernetKeys.parse(KEY, false).encrypt(StubAgent.SECRET),
            agentUrl));
  }

  private static List<TestApi> startTogether(Postgres postgres, String url, int count)
      throws Exception {
    List<TestApi> servers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<TestApi>> starting = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        starting.add(threads.submit(() -> TestApi.start(postgres, settings(url))));
      }
      for (Future<TestApi> server : starting) {
        servers.add(server.get());
      }
    }
    return servers;
  }

  private static Map<String, String> settings(String url) {
    Map<String, String> settings = new HashMap<>();
    settings.put("LIBERCLAW_DATABASE_URL", url);
    settings.put("LIBERCLAW_JWT_SECRET", SECRET);
    settings.put("LIBERCLAW_ENCRYPTION_KEY", KEY);
    settings.put("LIBERCLAW_THROTTLE_MULTIPLIER", "1000");
    return settings;
  }

  /** A token as the original writes it: these claims and no others. */
  private static String token(String type, @org.jspecify.annotations.Nullable String session)
      throws Exception {
    long now = Instant.now().getEpochSecond();
    ObjectNode claims = Json.object().put("sub", ADA);
    if (session != null) {
      claims.put("sid", session);
    }
    claims.put("type", type).put("iat", now).put("exp", now + 600);
    String signed =
        base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + base64(Json.writeBytes(claims));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String uuid() {
    return java.util.UUID.randomUUID().toString();
  }

  private static String originalSchema() throws Exception {
    try (InputStream file =
        AdoptionTest.class.getResourceAsStream(
            "/ai/liberclaw/db/migration/platform/V1__original_schema.sql")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void execute(String url, String sql) throws Exception {
    Matcher parts = URL.matcher(url);
    assertTrue(parts.matches());
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + parts.group(3), parts.group(1), parts.group(2));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
