package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.SESSIONS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests that meet in the middle of one another's work on one account. */
@ExtendWith(Postgres.Extension.class)
class AccountRaceTest {
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static HttpResponse<String> refresh(TestApi.Tokens tokens) throws Exception {
    return api.post("/auth/refresh", null, "{\"refresh_token\":\"" + tokens.refresh() + "\"}");
  }

  /** Starts the calls one after another, each when those before it wait for this transaction. */
  private static List<HttpResponse<String>> during(
      Consumer<DSLContext> work, List<Callable<HttpResponse<String>>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      api.sql()
          .transaction(tx -> {
            work.accept(tx.dsl());
            for (Callable<HttpResponse<String>> call : calls) {
              answers.add(threads.submit(call));
              TestApi.await(TestApi.DEADLINE, () -> waiting() == answers.size());
            }
          });
      List<HttpResponse<String>> all = new ArrayList<>();
      for (Future<HttpResponse<String>> answer : answers) {
        all.add(answer.get());
      }
      return all;
    }
  }

  private static int waiting() {
    return api.sql()
        .fetchOptional(
            "select count(*)::int from pg_stat_activity"
                + " where datname = current_database() and wait_event_type = 'Lock'")
        .orElseThrow()
        .get(0, Integer.class);
  }

  private static void lock(DSLContext tx, UUID user) {
    tx.selectOne().from(USERS).where(USERS.ID.eq(user)).forNoKeyUpdate().execute();
  }

  private static int liveSessions(UUID user) {
    return api.sql()
        .fetchCount(SESSIONS, SESSIONS.USER_ID.eq(user).and(SESSIONS.REVOKED_AT.isNull()));
  }

  @Test
  void logoutAllEndsAlsoWhatARefreshInFlightMakes() throws Exception {
    TestApi.Tokens tokens = api.guest();
    UUID user = api.userId(tokens);
    var answers =
        during(
            tx -> lock(tx, user),
            List.of(
                () -> refresh(tokens),
                () -> api.call("POST", "/auth/logout/all", tokens.access(), null)));
    assertEquals(204, answers.getLast().statusCode());
    assertEquals(0, liveSessions(user));
    if (answers.getFirst().statusCode() == 200) {
      assertEquals(401, refresh(TestApi.Tokens.of(answers.getFirst())).statusCode());
    }
  }

  @Test
  void logoutEndsAlsoWhatARefreshInFlightMakes() throws Exception {
    TestApi.Tokens tokens = api.guest();
    UUID user = api.userId(tokens);
    String body = "{\"refresh_token\":\"" + tokens.refresh() + "\"}";
    var answers =
        during(
            tx -> lock(tx, user),
            List.of(() -> refresh(tokens), () -> api.post("/auth/logout", null, body)));
    assertEquals(204, answers.getLast().statusCode());
    assertEquals(0, liveSessions(user));
  }

  @Test
  void b4ATokenReusedLateRevokesAlsoWhatARefreshInFlightMakes() throws Exception {
    TestApi.Tokens stolen = api.guest();
    UUID user = api.userId(stolen);
    TestApi.Tokens next = api.refreshed(stolen);
    api.sql()
        .update(SESSIONS)
        .set(SESSIONS.ROTATED_AT, api.clock.instant().minus(Duration.ofSeconds(31)))
        .where(SESSIONS.USER_ID.eq(user))
        .and(SESSIONS.REVOKED_AT.isNotNull())
        .execute();
    var answers = during(tx -> lock(tx, user), List.of(() -> refresh(next), () -> refresh(stolen)));
    assertEquals(401, answers.getLast().statusCode());
    assertEquals(0, liveSessions(user));
  }

  @Test
  void whoIsDeletedInTheMiddleOfARequestIsToldSo() throws Exception {
    TestApi.Tokens tokens = api.guest();
    UUID user = api.userId(tokens);
    var answers =
        during(
            tx -> tx.deleteFrom(USERS).where(USERS.ID.eq(user)).execute(),
            List.of(
                () ->
                    api.call(
                        "POST",
                        "/agents/",
                        tokens.access(),
                        "{\"name\":\"A\",\"system_prompt\":\"Be one.\"}",
                        "Idempotency-Key",
                        "one"),
                () -> refresh(tokens)));
    for (HttpResponse<String> answer : answers) {
      assertEquals(401, answer.statusCode(), answer.body());
    }
    assertEquals("{\"detail\":\"User not found\"}", answers.getFirst().body());
  }

  @Test
  void b6AGuestWhoIsDeletedWhileSigningInStartsAnew() throws Exception {
    String device = "{\"device_id\":\"" + UUID.randomUUID() + "\"}";
    UUID user = api.userId(TestApi.Tokens.of(api.post("/auth/guest", null, device)));
    var answers =
        during(
            tx -> tx.deleteFrom(USERS).where(USERS.ID.eq(user)).execute(),
            List.of(() -> api.post("/auth/guest", null, device)));
    assertNotEquals(user, api.userId(TestApi.Tokens.of(answers.getFirst())));
  }
}
