package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static ai.liberclaw.api.TestChat.OURS;
import static ai.liberclaw.api.TestChat.types;
import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.agent.Misbehaviour;
import ai.liberclaw.testkit.agent.StubAgent;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** However an agent fails, the client reads why, and its end. */
@ExtendWith(Postgres.Extension.class)
class ChatFailureTest {
  private static final String A = "data: {\"type\":\"text\",\"content\":\"a\"}\n\n";
  private static final String KEEPALIVE = "data: {\"type\":\"keepalive\"}\n\n";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static String ending(String error) {
    return "data: {\"type\":\"error\",\"content\":\""
        + error
        + "\"}\n\ndata: {\"type\":\"done\"}\n\n";
  }

  /** Every byte that a client reads, keepalives aside. */
  private static String expected(Misbehaviour misbehaviour) {
    String lost = ending("Connection to agent lost mid-response.");
    return switch (misbehaviour) {
      case SERVER_ERROR -> ending("Agent error (HTTP 500).");
      case REDIRECT -> ending("Agent error (HTTP 302).");
      case DROP_AFTER_EVENTS, CLEAN_CLOSE_IN_CHUNK, CLOSE_IN_EVENT, NO_DONE, RESET_AFTER_EVENTS ->
          A + lost;
      case SILENCE_AFTER_EVENTS -> A + ending("Agent stopped responding.");
      case SILENCE_AT_ONCE -> ending("Agent stopped responding.");
      case NO_EVENTS,
          RESET_BEFORE_HEAD,
          RESET_BEFORE_EVENTS,
          CLOSE_BEFORE_HEAD,
          CLOSE_IN_HEAD,
          NO_HTTP,
          NOT_CHUNKED_AFTER_ALL,
          NOT_AN_OBJECT,
          NOT_JSON,
          WRONG_CONTENT_TYPE,
          ENDLESS_EVENT ->
          lost;
    };
  }

  @Test
  void c12EveryFailureOfAnOriginalAgentEndsWithItsErrorAndOneDone() throws Exception {
    everyFailure();
  }

  @Test
  void everyFailureOfAnAgentThatResumesEndsWithItsErrorAndOneDone() throws Exception {
    everyFailure(OURS);
  }

  /** All at once: some take as long as an agent may be silent. */
  private static void everyFailure(String... capabilities) throws Exception {
    List<Attempt> attempts = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Misbehaviour misbehaviour : Misbehaviour.values()) {
        StubAgent stub = new StubAgent(capabilities).on("POST /chat", misbehaviour);
        TestChat chat = TestChat.with(api, stub);
        Future<String> answer =
            threads.submit(() -> {
              try (ChatClient client = chat.send(HELLO)) {
                return client.body();
              }
            });
        attempts.add(new Attempt(misbehaviour, stub, chat, answer));
      }
    }
    for (Attempt attempt : attempts) {
      String name = attempt.misbehaviour().toString();
      assertEquals(
          expected(attempt.misbehaviour()), attempt.answer().get().replace(KEEPALIVE, ""), name);
      // What may have reached the agent is not sent again, and stays counted.
      assertEquals(1, attempt.stub().requests("POST /chat").size(), name);
      assertEquals(1, attempt.chat().counted(), name);
      // A made-up end is followed by what waits for the owner, like any other.
      assertEquals(1, attempt.stub().requests("GET /pending").size(), name);
      attempt.stub().close();
      assertEquals(
          0,
          api.sql()
              .fetchCount(CHAT_TURN_LEASES, CHAT_TURN_LEASES.AGENT_ID.eq(attempt.chat().agent())));
    }
  }

  private record Attempt(
      Misbehaviour misbehaviour, StubAgent stub, TestChat chat, Future<String> answer) {}

  @Test
  void c23AnAgentNobodyCanReachCostsNoMessage() throws Exception {
    StubAgent stub = new StubAgent();
    stub.close();
    TestChat chat = TestChat.with(api, stub);
    for (int i = 0; i < 2; i++) {
      try (ChatClient client = chat.send(HELLO, "Idempotency-Key: again")) {
        assertEquals(
            ending("Could not connect to agent after multiple attempts."),
            client.body().replace(KEEPALIVE, ""));
      }
      assertEquals(0, chat.counted());
    }
    for (String path : List.of("/active", "/approvals")) {
      HttpResponse<String> answer = chat.call("GET", path);
      assertEquals(502, answer.statusCode(), path);
      assertEquals("{\"detail\":\"Could not reach agent\"}", answer.body());
    }
    assertEquals(502, chat.call("POST", "/stop").statusCode());
    try (ChatClient client = chat.read("?after=3")) {
      assertEquals(List.of("error", "done"), types(client.events()));
    }
  }

  @Test
  void aConnectionThatTheAgentHasClosedMeanwhileIsNotUsed() throws Exception {
    try (StubAgent stub = new StubAgent().keepingAlive().onChat(DONE)) {
      TestChat chat = TestChat.with(api, stub);
      for (int i = 0; i < 4; i++) {
        try (ChatClient client = chat.send(HELLO)) {
          assertEquals("data: {\"type\":\"done\"}\n\n", client.body().replace(KEEPALIVE, ""));
        }
        assertTrue(stub.connections() > 0, "connections are pooled");
        stub.closeConnections();
      }
      assertEquals(4, stub.requests("POST /chat").size());
    }
  }

  @Test
  void aFailingDatabaseLeavesNoStreamWithoutItsEnd() throws Exception {
    try (StubAgent full =
            new StubAgent(OURS)
                .on(
                    "POST /chat",
                    (_, c) -> {
                      api.sql().execute("alter table daily_usage rename to away");
                      c.json(429, "{\"error\":\"full\"}");
                    });
        StubAgent original =
            new StubAgent()
                .on(
                    "POST /chat",
                    (_, c) -> {
                      api.sql().execute("alter table chat_turn_leases rename to away");
                      c.head();
                      c.event(DONE);
                      c.end();
                    })) {
      TestChat busy = TestChat.with(api, full);
      try {
        assertEquals(429, busy.post(HELLO).statusCode());
      } finally {
        api.sql().execute("alter table away rename to daily_usage");
      }
      try (ChatClient client = TestChat.with(api, original).send(HELLO)) {
        assertEquals(List.of("done"), types(client.events()));
      } finally {
        api.sql().execute("alter table away rename to chat_turn_leases");
        api.sql().deleteFrom(CHAT_TURN_LEASES).execute();
      }
    }
  }

  @Test
  void aTurnOfAnOriginalAgentThatNeverEndsIsEndedForIt(Postgres postgres) throws Exception {
    try (TestApi hasty =
            TestApi.start(
                postgres, Map.of(), options -> TestApi.withRelay(options, Duration.ofMillis(400)));
        StubAgent stub =
            new StubAgent()
                .on(
                    "POST /chat",
                    (_, c) -> {
                      c.head();
                      while (true) {
                        c.event("{\"type\":\"keepalive\"}");
                        Thread.sleep(20);
                      }
                    })) {
      TestChat chat = TestChat.with(hasty, stub);
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals(ending("Agent stopped responding."), client.body().replace(KEEPALIVE, ""));
      }
      TestApi.await(TestApi.DEADLINE, () -> stub.connections() == 0);
    }
  }
}
