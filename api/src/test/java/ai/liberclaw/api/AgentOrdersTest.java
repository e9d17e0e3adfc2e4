package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.Tables;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What two servers on one database accept of requests that come at once, and of too many. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
class AgentOrdersTest {
  private static final String DRAFT = "{\"name\":\"Ada\",\"system_prompt\":\"p\"}";
  private static final int AT_ONCE = 8;

  TestApi one;
  TestApi two;

  @BeforeAll
  void start(@TempDir Path release, Postgres postgres) throws Exception {
    Files.createFile(release.resolve("agent.jar"));
    one =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_AGENT_DIR", release.toString(),
                "LIBERCLAW_THROTTLE_MULTIPLIER", "1000",
                "LIBERCLAW_GUEST_MAX_AGENTS", "3",
                "LIBERCLAW_CREATIONS_PER_USER_PER_DAY", "4",
                "LIBERCLAW_CREATIONS_PER_HOUR", "30",
                "LIBERCLAW_CREATIONS_PER_DAY", "40"));
    two = one.beside();
  }

  @AfterEach
  void forgetCounts() {
    one.sql().deleteFrom(Tables.RATE_LIMIT_BUCKETS).execute();
  }

  @AfterAll
  void stop() throws Exception {
    two.close();
    one.close();
  }

  @Test
  void a5EveryMessageOfParallelChatsIsCountedOnce() throws Exception {
    TestApi.Tokens ada = one.guest();
    try (StubAgent stub = new StubAgent("queue", "resume").onChat("{\"type\":\"done\"}")) {
      UUID agent = one.adoptAgent(one.userId(ada), stub);
      AtomicInteger number = new AtomicInteger();
      List<Integer> statuses =
          TestApi.together(
              12,
              () ->
                  server(number.getAndIncrement())
                      .post("/chat/" + agent, ada.access(), "{\"message\":\"x\"}"));
      // A guest has ten a day; ten streams at a time are more than each server sees here.
      assertEquals(10, statuses.stream().filter(s -> s == 200).count(), statuses.toString());
      assertEquals(2, statuses.stream().filter(s -> s == 429).count(), statuses.toString());
      JsonNode usage = Json.parse(one.call("GET", "/usage/", ada.access(), null).body());
      assertEquals(10, usage.get("daily_messages_used").intValue());
    }
  }

  @Test
  void a6ParallelCreatesStopAtTheLimitOfTheTier() throws Exception {
    TestApi.Tokens ada = one.guest();
    List<Integer> statuses = create(ada, AT_ONCE, _ -> new String[0]);
    assertEquals(3, statuses.stream().filter(s -> s == 201).count(), statuses.toString());
    assertEquals(AT_ONCE - 3, statuses.stream().filter(s -> s == 403).count(), statuses.toString());
    assertEquals(3, agents(ada).size());
    assertEquals(
        "{\"detail\":\"Agent limit reached (3)\"}",
        two.post("/agents/", ada.access(), DRAFT).body());
  }

  @Test
  void a13OneKeyMakesOneAgent() throws Exception {
    TestApi.Tokens ada = one.guest();
    List<Integer> statuses = create(ada, AT_ONCE, _ -> new String[] {"Idempotency-Key", "key 1"});
    assertTrue(statuses.contains(201), statuses.toString());
    assertTrue(Set.of(201, 409).containsAll(statuses), statuses.toString());
    assertEquals(1, agents(ada).size());

    HttpResponse<String> again = keyed(two, "POST", "/agents/", ada, DRAFT, "key 1");
    assertEquals(201, again.statusCode());
    assertEquals(
        agents(ada).getFirst().get("id"), Json.parse(again.body()).get("id"), again.body());
    HttpResponse<String> other =
        keyed(one, "POST", "/agents/", ada, "{\"name\":\"B\",\"system_prompt\":\"p\"}", "key 1");
    assertEquals(422, other.statusCode());
    assertEquals(
        "{\"detail\":\"Idempotency-Key was used with a different request\"}", other.body());
    assertEquals(201, keyed(one, "POST", "/agents/", one.guest(), DRAFT, "key 1").statusCode());
    assertEquals(422, keyed(one, "POST", "/agents/", ada, DRAFT, "k".repeat(201)).statusCode());
  }

  @Test
  void a13ARequestUnderWayIsNotDoneAgain() throws Exception {
    TestApi.Tokens ada = one.guest();
    UUID user = one.userId(ada);
    one.sql()
        .transaction(tx -> {
          // The first request, held where it waits for its user.
          tx.dsl()
              .select(Tables.USERS.ID)
              .from(Tables.USERS)
              .where(Tables.USERS.ID.eq(user))
              .forNoKeyUpdate()
              .fetch();
          Thread first =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      assertEquals(
                          201, keyed(one, "POST", "/agents/", ada, DRAFT, "held").statusCode());
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  });
          TestApi.await(
              TestApi.DEADLINE,
              () ->
                  two.sql()
                          .fetchCount(
                              org.jooq.impl.DSL.table("pg_locks"),
                              org.jooq.impl.DSL.condition("not granted"))
                      > 0);
          HttpResponse<String> second = keyed(two, "POST", "/agents/", ada, DRAFT, "held");
          assertEquals(409, second.statusCode());
          assertEquals("{\"detail\":\"Request in progress\"}", second.body());
          assertTrue(first.isAlive());
        });
    TestApi.await(TestApi.DEADLINE, () -> agents(ada).size() == 1);
    TestApi.await(
        TestApi.DEADLINE,
        () -> keyed(two, "POST", "/agents/", ada, DRAFT, "held").statusCode() == 201);
    assertEquals(1, agents(ada).size());
  }

  @Test
  void a13ARefusedRequestMayComeAgainUnderItsKey() throws Exception {
    TestApi.Tokens ada = one.guest();
    String bad = "{\"name\":\"Ada\",\"system_prompt\":\"p\",\"model\":\"gpt\"}";
    assertEquals(400, keyed(one, "POST", "/agents/", ada, bad, "k").statusCode());
    assertEquals(201, keyed(two, "POST", "/agents/", ada, DRAFT, "k").statusCode());
  }

  @Test
  void a13OneKeyRebuildsOnce() throws Exception {
    TestApi.Tokens ada = one.guest();
    String id = created(ada);
    String path = "/agents/" + id + "/rebuild";
    AtomicInteger number = new AtomicInteger();
    List<Integer> statuses =
        TestApi.together(
            AT_ONCE,
            () -> keyed(server(number.getAndIncrement()), "POST", path, ada, null, "again"));
    assertTrue(statuses.contains(200), statuses.toString());
    assertTrue(Set.of(200, 409).containsAll(statuses), statuses.toString());
    assertEquals(2, generation(id));
    HttpResponse<String> kept = keyed(two, "POST", path, ada, null, "again");
    assertEquals(200, kept.statusCode());
    assertEquals("pending", Json.parse(kept.body()).get("deployment_status").textValue());
    assertEquals(2, generation(id));
    // The other name of the same route.
    assertEquals(
        200, one.call("POST", "/agents/" + id + "/repair", ada.access(), null).statusCode());
    assertEquals(3, generation(id));
    // One that has no place yet, so nothing is brought anywhere, and a redeploy keeps no key of it.
    assertEquals(
        404,
        keyed(one, "POST", "/agents/" + id + "/redeploy", one.guest(), null, "x").statusCode());
  }

  @Test
  void aUserMayCreateAndRebuildOnlySoOftenADay() throws Exception {
    TestApi.Tokens ada = one.guest();
    String id = created(ada);
    for (int i = 0; i < 3; i++) {
      assertEquals(
          200, one.call("POST", "/agents/" + id + "/rebuild", ada.access(), null).statusCode());
    }
    HttpResponse<String> rebuild =
        two.call("POST", "/agents/" + id + "/rebuild", ada.access(), null);
    HttpResponse<String> create = two.post("/agents/", ada.access(), DRAFT);
    for (HttpResponse<String> refused : List.of(rebuild, create)) {
      assertEquals(429, refused.statusCode());
      assertEquals(
          "{\"detail\":\"Too many agents created or rebuilt: at most 4 per day\"}", refused.body());
      int seconds = Integer.parseInt(refused.headers().firstValue("Retry-After").orElse("0"));
      assertTrue(seconds > 0 && seconds <= 86_400, "Retry-After " + seconds);
    }
    assertEquals(4, generation(id), "what is refused leaves nothing");
    assertEquals(201, one.post("/agents/", one.guest().access(), DRAFT).statusCode());
  }

  @Test
  void theSiteMakesOnlySoManyAnHourAndADay() throws Exception {
    int before = bucket("creations_hour");
    TestApi.Tokens ada = one.guest();
    assertEquals(400, one.post("/agents/", ada.access(), "{\"name\":\"a\"}").statusCode());
    assertEquals(before, bucket("creations_hour"), "a refusal is not counted");
    String id = created(ada);
    assertEquals(before + 1, bucket("creations_hour"));
    use("creations_hour", 29);
    String bob = one.guest().access();
    assertEquals(201, one.post("/agents/", bob, DRAFT).statusCode());
    HttpResponse<String> hour = two.post("/agents/", bob, DRAFT);
    assertEquals(429, hour.statusCode());
    assertEquals(
        "{\"detail\":\"Too many agents created or rebuilt: at most 30 per hour here\"}",
        hour.body());
    assertEquals(1, bucketOf("creations_user_day", two.userId(new TestApi.Tokens(bob, ""))));
    use("creations_hour", 0);
    use("creations_day", 40);
    HttpResponse<String> day = one.call("POST", "/agents/" + id + "/rebuild", ada.access(), null);
    assertEquals(
        "{\"detail\":\"Too many agents created or rebuilt: at most 40 per day here\"}", day.body());
  }

  @Test
  void d7AListThatIsKnownIsNotSentAgain() throws Exception {
    TestApi.Tokens ada = one.guest();
    String id = created(ada);
    TestApi.await(
        TestApi.DEADLINE,
        () -> agents(ada).getFirst().get("deployment_status").textValue().equals("failed"));
    HttpResponse<String> list = one.call("GET", "/agents/", ada.access(), null);
    String tag = list.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> known =
        two.call("GET", "/agents", ada.access(), null, "If-None-Match", "\"x\", W/" + tag);
    assertEquals(304, known.statusCode());
    assertEquals("", known.body());
    assertEquals(tag, known.headers().firstValue("ETag").orElseThrow());

    HttpResponse<String> few =
        one.call("GET", "/agents/?fields=id,%20deployment_status", ada.access(), null);
    assertEquals(
        "{\"agents\":[{\"id\":\"" + id + "\",\"deployment_status\":\"failed\"}],\"total\":1}",
        few.body());
    assertNotEquals(tag, few.headers().firstValue("ETag").orElseThrow());
    assertEquals(
        422, one.call("GET", "/agents/?fields=auth_token", ada.access(), null).statusCode());

    HttpResponse<String> head = one.call("HEAD", "/agents/", ada.access(), null);
    assertEquals(200, head.statusCode());
    assertEquals(tag, head.headers().firstValue("ETag").orElseThrow());
    one.call("PATCH", "/agents/" + id, ada.access(), "{\"name\":\"Bob\"}");
    HttpResponse<String> changed =
        one.call("GET", "/agents/", ada.access(), null, "If-None-Match", tag);
    assertEquals(200, changed.statusCode());
  }

  @Test
  void c16AnAgentWithoutAPlaceIsNotRedeployed() throws Exception {
    TestApi.Tokens ada = one.guest();
    try (StubAgent stub = new StubAgent()) {
      UUID adopted = one.adoptAgent(one.userId(ada), stub);
      HttpResponse<String> refused =
          one.call("POST", "/agents/" + adopted + "/redeploy", ada.access(), null);
      assertEquals(400, refused.statusCode());
      assertEquals("{\"detail\":\"Agent is not in a redeployable state\"}", refused.body());
      JsonNode agent = Json.parse(one.call("GET", "/agents/" + adopted, ada.access(), null).body());
      assertEquals("running", agent.get("deployment_status").textValue());
      assertEquals(204, one.call("DELETE", "/agents/" + adopted, ada.access(), null).statusCode());
      assertEquals(
          0, one.sql().fetchCount(Tables.DEPLOYMENTS, Tables.DEPLOYMENTS.AGENT_ID.eq(adopted)));
      assertEquals(0, stub.requests("").size(), "the machine is left alone");
    }
  }

  private TestApi server(int number) {
    return number % 2 == 0 ? one : two;
  }

  private List<Integer> create(TestApi.Tokens owner, int times, Function<Integer, String[]> headers)
      throws Exception {
    AtomicInteger number = new AtomicInteger();
    return TestApi.together(
        times,
        () -> {
          int i = number.getAndIncrement();
          return server(i).call("POST", "/agents/", owner.access(), DRAFT, headers.apply(i));
        });
  }

  private static HttpResponse<String> keyed(
      TestApi server,
      String method,
      String path,
      TestApi.Tokens owner,
      @org.jspecify.annotations.Nullable String body,
      String key)
      throws Exception {
    return server.call(method, path, owner.access(), body, "Idempotency-Key", key);
  }

  private String created(TestApi.Tokens owner) throws Exception {
    HttpResponse<String> answer = one.post("/agents/", owner.access(), DRAFT);
    assertEquals(201, answer.statusCode(), answer.body());
    return Json.parse(answer.body()).get("id").textValue();
  }

  private List<JsonNode> agents(TestApi.Tokens owner) throws Exception {
    JsonNode list = Json.parse(two.call("GET", "/agents/", owner.access(), null).body());
    return list.get("agents").valueStream().toList();
  }

  private long generation(String id) {
    return one.sql()
        .select(Tables.AGENTS.GENERATION)
        .from(Tables.AGENTS)
        .where(Tables.AGENTS.ID.eq(UUID.fromString(id)))
        .fetchOptional(Tables.AGENTS.GENERATION)
        .orElse(0L);
  }

  private int bucket(String name) {
    return bucketOf(name, "site");
  }

  private int bucketOf(String name, Object subject) {
    return one.sql()
        .select(Tables.RATE_LIMIT_BUCKETS.USED)
        .from(Tables.RATE_LIMIT_BUCKETS)
        .where(Tables.RATE_LIMIT_BUCKETS.NAME.eq(name))
        .and(Tables.RATE_LIMIT_BUCKETS.SUBJECT.eq(subject.toString()))
        .fetchOptional(Tables.RATE_LIMIT_BUCKETS.USED)
        .orElse(0);
  }

  private void use(String name, int used) {
    one.sql()
        .update(Tables.RATE_LIMIT_BUCKETS)
        .set(Tables.RATE_LIMIT_BUCKETS.USED, used)
        .where(Tables.RATE_LIMIT_BUCKETS.NAME.eq(name))
        .execute();
  }
}
