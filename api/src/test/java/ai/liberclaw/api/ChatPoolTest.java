package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.testkit.agent.StubAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many streams over a pool of two connections: none is held while a stream or a call is open. */
@ExtendWith(Postgres.Extension.class)
class ChatPoolTest {
  private static final int CHATS = 34;
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_THROTTLE_MULTIPLIER", "1000",
                "LIBERCLAW_MAX_STREAMS_PER_USER", "40",
                "LIBERCLAW_GUEST_DAILY_MESSAGES", "100"),
            options -> TestApi.withRelay(TestApi.withPool(options, 2), Duration.ofMinutes(5)));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  @Test
  void a2ManyOpenChatsOfOneUserHoldNoConnection() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<ChatClient> clients = new ArrayList<>();
    try (StubAgent stub = TestChat.heldOpen(go);
        StubAgent quick = new StubAgent().onChat(DONE)) {
      TestChat busy = TestChat.with(api, stub);
      for (int i = 0; i < CHATS; i++) {
        clients.add(busy.another(stub).send(HELLO));
      }
      for (ChatClient client : clients) {
        client.until("\"a\"");
      }
      TestChat other = TestChat.with(api, quick);
      assertEquals(200, api.call("GET", "/users/me", other.token(), null).statusCode());
      assertEquals(200, api.call("GET", "/agents/", other.token(), null).statusCode());
      assertEquals(200, other.call("GET", "/history").statusCode());
      assertEquals(200, other.post(HELLO).statusCode());
      assertEquals(CHATS, busy.counted());
      go.countDown();
      for (ChatClient client : clients) {
        assertEquals(List.of("done"), TestChat.types(client.events()));
        client.close();
      }
    }
  }

  @Test
  void a2CallsToAgentsThatHangHoldNoConnection() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (StubAgent hanging = new StubAgent();
        StubAgent quick = new StubAgent().onChat(DONE)) {
      for (String start : List.of("GET /health", "GET /chat/", "GET /pending", "DELETE /chat/")) {
        hanging.on(
            start,
            (_, c) -> {
              go.await();
              c.json(200, "{}");
            });
      }
      TestChat stuck = TestChat.with(api, hanging);
      List<Thread> calls = new ArrayList<>();
      for (String path : List.of("/history", "/history", "/pending", "/active", "/history")) {
        calls.add(Thread.ofVirtual().start(() -> callQuietly(stuck, path)));
      }
      TestApi.await(TestApi.DEADLINE, () -> hanging.connections() >= 5);
      TestChat other = TestChat.with(api, quick);
      assertEquals(200, other.post(HELLO).statusCode());
      go.countDown();
      for (Thread call : calls) {
        call.join();
      }
    }
  }

  private static void callQuietly(TestChat chat, String path) {
    try {
      chat.call("GET", path);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a3ASecondChatOfAUserDoesNotWaitForTheFirst() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (StubAgent slow = TestChat.heldOpen(go);
        StubAgent quick = new StubAgent().onChat(DONE)) {
      TestChat first = TestChat.with(api, slow);
      try (ChatClient client = first.send(HELLO)) {
        client.until("\"a\"");
        // It ends while the first still runs.
        assertEquals(200, first.another(quick).post(HELLO).statusCode());
        assertEquals(2, first.counted());
        go.countDown();
        assertEquals(List.of("done"), TestChat.types(client.events()));
      }
    }
  }
}
