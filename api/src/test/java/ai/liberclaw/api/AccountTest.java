package ai.liberclaw.api;

import static org.jooq.impl.DSL.val;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.users.Erasure;
import ai.liberclaw.api.users.IdleGuests;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.agent.Quotas;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.model.ModelMenu;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Profiles, the end of accounts, and guests who stay away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
class AccountTest {
  private static final String DRAFT = "{\"name\":\"Zelda\",\"system_prompt\":\"p\"}";
  private TestApi api;

  @BeforeAll
  void start(@TempDir Path release, Postgres postgres) throws Exception {
    // Its agent cannot start; what is deployed fails, and has to be destroyed all the same.
    Files.createFile(release.resolve("agent.jar"));
    api =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_THROTTLE_MULTIPLIER",
                "1000",
                "LIBERCLAW_AGENT_DIR",
                release.toString()));
  }

  @AfterAll
  void stop() throws Exception {
    api.close();
  }

  private int count(String query) {
    return ((Number) api.sql().fetchValue("select count(*) from " + query)).intValue();
  }

  @Test
  void anExplicitNullClearsTheNameAndNothingSentLeavesIt() throws Exception {
    String access = api.guest().access();
    assertEquals("Ada", patch(access, "{\"display_name\":\"Ada\"}").get("display_name").asText());
    JsonNode left = patch(access, "{\"show_tool_calls\":false,\"tier\":\"pro\"}");
    assertEquals("Ada", left.get("display_name").textValue());
    assertFalse(left.get("show_tool_calls").booleanValue());
    assertEquals("guest", left.get("tier").textValue());
    JsonNode cleared = patch(access, "{\"display_name\":null,\"show_tool_calls\":null}");
    assertTrue(cleared.get("display_name").isNull());
    assertFalse(cleared.get("show_tool_calls").booleanValue());
    assertEquals("", patch(access, "{\"display_name\":\"\"}").get("display_name").textValue());
  }

  private JsonNode patch(String access, String body) throws Exception {
    HttpResponse<String> answer = api.call("PATCH", "/users/me", access, body);
    assertEquals(200, answer.statusCode(), answer.body());
    return Json.parse(answer.body());
  }

  @Test
  void d12DeletingAnAccountErasesItAndLeavesNoNameBehind() throws Exception {
    String email = "d12@example.com";
    TestApi.Tokens ada = api.member(email);
    UUID user = api.userId(ada);
    TestApi.SignInMail unused = api.mail(email);
    HttpResponse<String> created =
        api.post("/agents/", ada.access(), DRAFT.replace("Zelda", "Yorick"));
    assertEquals(201, created.statusCode(), created.body());
    UUID agent = UUID.fromString(Json.parse(created.body()).get("id").textValue());
    String value =
        Json.parse(
                api.post(
                        "/users/me/tokens",
                        ada.access(),
                        "{\"name\":\"n\",\"scopes\":[\"agents:read\"]}")
                    .body())
            .get("token")
            .textValue();
    assertEquals(
        201,
        api.post("/users/me/api-keys", ada.access(), "{\"key\":\"sk-0123456789abcdef\"}")
            .statusCode());
    api.sql()
        .execute(
            "insert into activity_events (id, user_id, event_type, metadata_json, is_public)"
                + " values (gen_random_uuid(), {0}, 'chat_message', '{\"agent_name\":\"Yorick\"}',"
                + " true)",
            val(user));
    TestApi.Tokens bob = api.member("d12-bob@example.com");

    HttpResponse<String> erased = api.call("DELETE", "/users/me", ada.access(), null);
    assertEquals(204, erased.statusCode(), erased.body());

    HttpResponse<String> gone = api.call("GET", "/users/me", ada.access(), null);
    assertEquals(401, gone.statusCode());
    assertEquals("{\"detail\":\"User not found\"}", gone.body());
    assertEquals(401, api.call("DELETE", "/users/me", ada.access(), null).statusCode());
    assertEquals(401, api.call("GET", "/users/me", value, null).statusCode());
    String refresh = "{\"refresh_token\":\"" + ada.refresh() + "\"}";
    assertEquals(401, api.post("/auth/refresh", null, refresh).statusCode());
    String link = "{\"token\":\"" + unused.token() + "\"}";
    assertEquals(400, api.post("/auth/verify-magic-link", null, link).statusCode());

    String id = "'" + user + "'";
    for (String table : List.of("sessions", "personal_access_tokens", "api_keys", "daily_usage")) {
      assertEquals(0, count(table + " where user_id = " + id), table);
    }
    assertEquals(0, count("users where id = " + id));
    assertEquals(0, count("agents where owner_id = " + id));
    assertEquals(0, count("magic_links where email_lower = '" + email + "'"));
    assertEquals(0, count("mail_outbox where recipient = '" + email + "'"));
    assertEquals(0, count("activity_events where user_id = " + id));
    assertEquals(0, count("activity_events where metadata_json::text like '%Yorick%'"));
    assertTrue(count("activity_events where event_type = 'chat_message' and is_public") > 0);
    // A job goes on alone until nothing of the agent is left.
    TestApi.await(
        TestApi.DEADLINE,
        () ->
            count("instances where agent_id = '" + agent + "'") == 0
                && count("deployments where agent_id = '" + agent + "'") == 0);
    assertEquals(200, api.call("GET", "/users/me", bob.access(), null).statusCode());

    TestApi.Tokens again = api.member(email);
    assertFalse(user.equals(api.userId(again)));
  }

  @Test
  void anAccountIsErasedOnceAlsoWhileItsOwnerIsBusyEverywhere() throws Exception {
    for (int round = 0; round < 3; round++) {
      TestApi.Tokens ada = api.member("busy" + round + "@example.com");
      UUID user = api.userId(ada);
      AtomicInteger turn = new AtomicInteger();
      List<Integer> statuses =
          TestApi.together(
              12,
              () ->
                  switch (turn.getAndIncrement() % 4) {
                    case 0 -> api.call("DELETE", "/users/me", ada.access(), null);
                    case 1 -> api.post("/agents/", ada.access(), DRAFT);
                    case 2 ->
                        api.post(
                            "/users/me/tokens",
                            ada.access(),
                            "{\"name\":\"n\",\"scopes\":[\"chat\"]}");
                    default -> api.call("PATCH", "/users/me", ada.access(), "{}");
                  });
      assertEquals(1, Collections.frequency(statuses, 204), statuses.toString());
      assertTrue(statuses.stream().noneMatch(s -> s >= 500), statuses.toString());
      assertEquals(0, count("users where id = '" + user + "'"));
      assertEquals(0, count("agents where owner_id = '" + user + "'"));
    }
  }

  @Test
  void theLastSignInAndRefreshAreNoted() throws Exception {
    TestApi.Tokens ada = api.guest();
    UUID user = api.userId(ada);
    assertTrue(seenNow(user));
    api.sql().execute("update users set last_seen_at = now() - interval '9 days'");
    assertFalse(seenNow(user));
    api.refreshed(ada);
    assertTrue(seenNow(user));
  }

  private boolean seenNow(UUID user) {
    java.time.Instant now = api.clock.instant();
    return api.sql()
            .fetch(
                "select 1 from users where id = {0} and last_seen_at between {1} and {2}",
                val(user), val(now.minusSeconds(60)), val(now.plusSeconds(1)))
            .size()
        == 1;
  }

  @Test
  void b6GuestsAwayForThirtyDaysAreDeletedWithTheirAgentsAndOthersStay() throws Exception {
    TestApi.Tokens idle = api.guest();
    TestApi.Tokens recent = api.guest();
    TestApi.Tokens scripting = api.guest();
    TestApi.Tokens member = api.member("idle@example.com");
    HttpResponse<String> created = api.post("/agents/", idle.access(), DRAFT);
    String agent = Json.parse(created.body()).get("id").textValue();
    seen(idle, 31);
    seen(recent, 29);
    seen(scripting, 31);
    seen(member, 400);
    HttpResponse<String> token =
        api.post(
            "/users/me/tokens",
            scripting.access(),
            "{\"name\":\"n\",\"scopes\":[\"agents:read\"]}");
    String value = Json.parse(token.body()).get("token").textValue();
    assertEquals(200, api.call("GET", "/users/me", value, null).statusCode());

    IdleGuests guests = idleGuests();
    int before = count("users where tier = 'guest'");
    List<Integer> deleted = new java.util.concurrent.CopyOnWriteArrayList<>();
    TestApi.together(
        3,
        () -> {
          deleted.add(guests.deleteIdle(api.clock.instant()));
          return api.call("GET", "/health", null, null);
        });
    assertEquals(1, deleted.stream().mapToInt(Integer::intValue).sum(), deleted.toString());
    assertEquals(before - 1, count("users where tier = 'guest'"));
    assertEquals(401, api.call("GET", "/users/me", idle.access(), null).statusCode());
    for (TestApi.Tokens kept : List.of(recent, scripting, member)) {
      assertEquals(200, api.call("GET", "/users/me", kept.access(), null).statusCode());
    }
    TestApi.await(TestApi.DEADLINE, () -> count("instances where agent_id = '" + agent + "'") == 0);
  }

  @Test
  void aServerDeletesIdleGuestsByItselfAfterTheDaysThatAreSet(Postgres postgres) throws Exception {
    try (TestApi first = TestApi.start(postgres, Map.of("LIBERCLAW_GUEST_IDLE_DAYS", "2"))) {
      UUID away = first.userId(first.guest());
      String task = "from cluster_tasks where name = 'idle_guests'";
      TestApi.await(
          TestApi.DEADLINE, () -> first.sql().fetchValue("select last_done_at " + task) != null);
      first.sql().execute("update users set last_seen_at = last_seen_at - interval '3 days'");
      first.sql().execute("delete " + task);
      try (TestApi _ = first.beside()) {
        TestApi.await(
            TestApi.DEADLINE,
            () -> first.sql().fetch("select 1 from users where id = {0}", val(away)).isEmpty());
      }
    }
  }

  private void seen(TestApi.Tokens tokens, int daysAgo) throws Exception {
    api.sql()
        .execute(
            "update users set last_seen_at = {0} where id = {1}",
            val(api.clock.instant().minus(Duration.ofDays(daysAgo))), val(api.userId(tokens)));
  }

  private IdleGuests idleGuests() {
    Agents agents =
        new Agents(
            api.database(),
            Catalogue.load(),
            new Providers(List.of("process"), Map.of(), Map.of(), "nowhere"),
            api.keys(),
            new Quotas(1, 3, 20),
            new CreationCaps(new CreationCaps.Limits(20, 100, 100), api.clock),
            new ModelMenu(List.of(), "glm-4.7"));
    return new IdleGuests(
        api.sql(), new Erasure(api.sql(), agents), Duration.ofDays(30), api.clock);
  }

  @Test
  void a1WhatWasAnsweredIsThereAtOnceForEveryServer() throws Exception {
    try (TestApi other = api.beside()) {
      List<Integer> statuses =
          TestApi.together(
              20,
              () -> {
                TestApi.Tokens ada = api.guest();
                return other.call("GET", "/users/me", ada.access(), null);
              });
      assertEquals(Collections.nCopies(20, 200), statuses);
      TestApi.Tokens ada = api.guest();
      for (int i = 0; i < 10; i++) {
        HttpResponse<String> made =
            api.post("/users/me/tokens", ada.access(), "{\"name\":\"n\",\"scopes\":[\"chat\"]}");
        String path = "/users/me/tokens/" + Json.parse(made.body()).get("id").textValue();
        assertEquals(204, other.call("DELETE", path, ada.access(), null).statusCode());
        assertEquals(404, api.call("DELETE", path, ada.access(), null).statusCode());
      }
      String agent =
          Json.parse(api.post("/agents/", ada.access(), DRAFT).body()).get("id").textValue();
      assertEquals(204, other.call("DELETE", "/agents/" + agent, ada.access(), null).statusCode());
      assertEquals(404, api.call("DELETE", "/agents/" + agent, ada.access(), null).statusCode());
    }
  }

  @Test
  void d11LogoutAllRevokesEverySessionInOneStatement() throws Exception {
    TestApi.Tokens ada = api.guest();
    UUID user = api.userId(ada);
    api.sql()
        .execute(
            "insert into sessions (id, user_id, refresh_token_hash, expires_at) select"
                + " gen_random_uuid(), {0}, gen_random_uuid()::text, now() + interval '1 day' from"
                + " generate_series(1, 2000)",
            val(user));
    assertEquals(204, api.call("POST", "/auth/logout/all", ada.access(), null).statusCode());
    assertEquals(0, count("sessions where user_id = '" + user + "' and revoked_at is null"));
    // One statement, one time and one command of one transaction for all of them.
    assertEquals(
        1,
        api.sql()
            .fetch(
                "select distinct xmin::text, cmin::text, revoked_at from sessions where user_id ="
                    + " {0}",
                val(user))
            .size());
  }
}
