package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static ai.liberclaw.api.TestChat.OURS;
import static ai.liberclaw.api.TestChat.types;
import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Clients that leave or stall, and a server that stops: nothing of a stream outlives its use. */
@Isolated("counts the threads of the process")
@ExtendWith(Postgres.Extension.class)
class ChatLifeTest {
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  /** Says something, then only that it lives, until its reader leaves. */
  private static StubAgent patient(String... capabilities) throws Exception {
    return new StubAgent(capabilities)
        .on(
            "POST /chat",
            (_, c) -> {
              c.head();
              c.event("{\"type\":\"text\",\"content\":\"a\"}");
              while (true) {
                c.event("{\"type\":\"keepalive\"}");
                Thread.sleep(100);
              }
            });
  }

  private static void awaitNothingLeft(StubAgent stub) throws Exception {
    TestApi.await(TestApi.DEADLINE, () -> stub.connections() == 0);
    TestApi.await(TestApi.DEADLINE, () -> TestChat.streamThreads() == 0);
  }

  @Test
  void nothingIsLeftOfStreamsWhoseClientsLeave() throws Exception {
    try (StubAgent stub = patient(OURS)) {
      TestChat chat = TestChat.with(api, stub);
      for (int i = 0; i < 5; i++) {
        try (ChatClient client = chat.send(HELLO)) {
          client.until("\"a\"");
        }
      }
      awaitNothingLeft(stub);
    }
  }

  @Test
  void nothingIsLeftOfAStreamWhoseAgentDies() throws Exception {
    try (StubAgent stub = patient(OURS)) {
      try (ChatClient client = TestChat.with(api, stub).send(HELLO)) {
        client.until("\"a\"");
        stub.close();
        assertEquals(List.of("error", "done"), types(client.events()));
      }
      awaitNothingLeft(stub);
    }
  }

  @Test
  void aTurnOfAnOriginalAgentIsReadToItsEndWithoutItsClient() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    CountDownLatch finished = new CountDownLatch(1);
    try (StubAgent stub =
        new StubAgent()
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"text\",\"content\":\"a\"}");
                  boolean _ = left.await(10, TimeUnit.SECONDS);
                  for (int i = 0; i < 20; i++) {
                    c.event("{\"type\":\"keepalive\"}");
                    Thread.sleep(50);
                  }
                  c.event(DONE);
                  c.end();
                  finished.countDown();
                })) {
      TestChat chat = TestChat.with(api, stub);
      ChatClient client = chat.send(HELLO);
      client.until("\"a\"");
      client.close();
      left.countDown();
      assertTrue(finished.await(10, TimeUnit.SECONDS));
      TestApi.await(
          TestApi.DEADLINE, () -> chat.call("GET", "/active").body().contains("\"active\":false"));
      awaitNothingLeft(stub);
    }
  }

  @Test
  void aReaderThatStallsIsDropped() throws Exception {
    String big = "{\"type\":\"text\",\"content\":\"" + "x".repeat(100_000) + "\"}";
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  while (true) {
                    c.event(big);
                  }
                })) {
      try (ChatClient client = TestChat.with(api, stub).send(HELLO)) {
        client.head();
        awaitNothingLeft(stub);
      }
    }
  }

  @Test
  void d13AStoppingServerEndsEveryStreamAndItsReadersGoOnElsewhere(Postgres postgres)
      throws Exception {
    try (TestApi stopping =
            TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
        TestApi next = stopping.beside();
        StubAgent ours = patient(OURS);
        StubAgent original = patient()) {
      ours.on(
          "GET /chat/",
          (_, c) -> {
            c.head();
            c.chunk("id: 2\ndata: {\"type\":\"text\",\"content\":\"b\"}\n\n");
            c.chunk("id: 3\ndata: {\"type\":\"done\"}\n\n");
            c.end();
          });
      List<TestChat> chats = new ArrayList<>();
      List<ChatClient> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        TestChat chat = TestChat.with(stopping, i < 10 ? ours : original);
        chats.add(chat);
        clients.add(chat.send(HELLO));
      }
      for (ChatClient client : clients) {
        client.until("\"a\"");
      }
      // Its turn is read on without it, until now.
      TestChat left = TestChat.with(stopping, original);
      try (ChatClient client = left.send(HELLO)) {
        client.until("\"a\"");
      }
      Thread closing = Thread.ofVirtual().start(stopping.server::close);
      for (ChatClient client : clients) {
        List<JsonNode> events = client.events();
        assertEquals(List.of("error", "done"), types(events));
        assertEquals(
            "{\"type\":\"error\",\"content\":\"Server is restarting. Please retry.\","
                + "\"code\":\"restarting\"}",
            events.getFirst().toString());
        client.close();
      }
      closing.join();
      assertEquals(0, next.sql().fetchCount(CHAT_TURN_LEASES), "conversations are free at once");
      for (TestChat chat : chats.subList(0, 10)) {
        try (ChatClient client = chat.through(next).read("", "Last-Event-ID: 1")) {
          assertEquals(
              """
              id: 2
              data: {"type":"text","content":"b"}

              id: 3
              data: {"type":"done"}

              """,
              client.body().replace("data: {\"type\":\"keepalive\"}\n\n", ""));
        }
      }
      original.onChat(DONE);
      assertEquals(200, chats.getLast().through(next).post(HELLO).statusCode());
      awaitNothingLeft(ours);
      awaitNothingLeft(original);
    }
  }
}
