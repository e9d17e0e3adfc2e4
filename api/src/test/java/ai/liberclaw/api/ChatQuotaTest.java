package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static ai.liberclaw.api.TestChat.OURS;
import static ai.liberclaw.api.TestChat.types;
import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a message costs, how often it is sent, and how much one user may have open. */
@ExtendWith(Postgres.Extension.class)
class ChatQuotaTest {
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api =
        TestApi.start(
            postgres,
            Map.of(
                "LIBERCLAW_THROTTLE_MULTIPLIER", "1000", "LIBERCLAW_MAX_STREAMS_PER_USER", "12"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  @Test
  void messagesSentAtOnceAreCountedOneByOneUpToTheLimit() throws Exception {
    try (StubAgent stub = new StubAgent(OURS).onChat(DONE)) {
      TestChat chat = TestChat.with(api, stub);
      List<Integer> statuses = TestApi.together(12, () -> chat.post(HELLO));
      assertEquals(10, Collections.frequency(statuses, 200), statuses.toString());
      assertEquals(2, Collections.frequency(statuses, 429), statuses.toString());
      assertEquals(10, chat.counted());
      assertEquals(
          Json.parse(
              "{\"daily_messages_used\":10,\"daily_messages_limit\":10,\"agent_count\":1,"
                  + "\"agent_limit\":1,\"tier\":\"guest\"}"),
          Json.parse(api.call("GET", "/usage/", chat.token(), null).body()));
      HttpResponse<String> over = chat.post(HELLO);
      assertEquals("{\"detail\":\"Daily message limit reached\"}", over.body());
      long wait = over.headers().firstValueAsLong("Retry-After").orElse(0);
      assertTrue(wait > 0 && wait <= 86_400, "until the next day of UTC: " + wait);
      // Reading what was said costs nothing.
      try (ChatClient client = chat.read("?after=1")) {
        assertTrue(client.head().startsWith("HTTP/1.1 200"));
      }
    }
  }

  @Test
  void aBusyAgentIs429AndCostsNoMessage() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS).on("POST /chat", (_, c) -> c.json(429, "{\"error\":\"full\"}"))) {
      TestChat chat = TestChat.with(api, stub);
      HttpResponse<String> busy = chat.post(HELLO);
      assertEquals(429, busy.statusCode());
      assertEquals("{\"detail\":\"Agent is busy\"}", busy.body());
      assertTrue(busy.headers().firstValue("Retry-After").isPresent());
      assertEquals(0, chat.counted());
    }
  }

  @Test
  void anAgentThatSaysLateThatItIsBusySaysSoInTheStreamAndCostsNoMessage() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  Thread.sleep(1250);
                  c.json(429, "{\"error\":\"full\"}");
                })) {
      TestChat chat = TestChat.with(api, stub);
      try (ChatClient client = chat.send(HELLO)) {
        List<JsonNode> events = client.events();
        assertEquals(List.of("error", "done"), types(events));
        assertEquals("Agent is busy", events.getFirst().path("content").asText());
      }
      assertEquals(0, chat.counted());
    }
  }

  @Test
  void a13ARepeatUnderOneKeyIsCountedOnceAndJoinsItsTurn() throws Exception {
    try (StubAgent stub = new StubAgent(OURS).onChat(DONE)) {
      TestChat chat = TestChat.with(api, stub);
      assertEquals(
          List.of(200, 200, 200, 200),
          TestApi.together(4, () -> chat.post(HELLO, "Idempotency-Key", "k1")));
      assertEquals(1, chat.counted());
      assertEquals(4, stub.requests("POST /chat").size());
      assertTrue(
          stub.requests("POST /chat").stream()
              .allMatch(r -> r.body().contains("\"client_message_id\":\"k1\"")));
      HttpResponse<String> other = chat.post("{\"message\":\"other\"}", "Idempotency-Key", "k1");
      assertEquals(422, other.statusCode());
      assertEquals(
          "{\"detail\":\"Idempotency-Key was used with a different request\"}", other.body());
      // Another conversation and another user have keys of their own.
      try (StubAgent second = new StubAgent(OURS).onChat(DONE)) {
        assertEquals(200, chat.another(second).post(HELLO, "Idempotency-Key", "k1").statusCode());
        assertEquals(
            200, TestChat.with(api, second).post(HELLO, "Idempotency-Key", "k1").statusCode());
      }
    }
  }

  @Test
  void a13AnOriginalAgentIsNeverSentAMessageTwice() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (StubAgent stub = TestChat.heldOpen(go)) {
      TestChat chat = TestChat.with(api, stub);
      try (ChatClient client = chat.send(HELLO, "Idempotency-Key: k1")) {
        client.until("\"a\"");
        HttpResponse<String> again = chat.post(HELLO, "Idempotency-Key", "k1");
        assertEquals(409, again.statusCode());
        assertEquals("{\"detail\":\"Message already sent\"}", again.body());
        assertEquals(429, chat.post(HELLO, "Idempotency-Key", "k2").statusCode());
        go.countDown();
        assertEquals(List.of("done"), types(client.events()));
      }
      assertEquals(409, chat.post(HELLO, "Idempotency-Key", "k1").statusCode());
      // The one that was refused as busy was not sent: its key is as good as new.
      assertEquals(200, chat.post(HELLO, "Idempotency-Key", "k2").statusCode());
      assertEquals(2, stub.requests("POST /chat").size());
      assertEquals(2, chat.counted());
    }
  }

  @Test
  void aMessageThatAStoppingServerTurnsAwayIsNotCountedAndBlocksNobody(Postgres postgres)
      throws Exception {
    try (TestApi stopping = TestApi.start(postgres);
        StubAgent stub = new StubAgent().onChat(DONE)) {
      TestChat chat = TestChat.with(stopping, stub);
      assertEquals(200, chat.post(HELLO).statusCode());
      HttpResponse<String> refused;
      try (Connection holder = stopping.database().dedicatedConnection()) {
        holder.setAutoCommit(false);
        try (Statement lock = holder.createStatement()) {
          // The message has its turn, and waits to be counted.
          lock.execute("select 1 from daily_usage for update");
        }
        CompletableFuture<HttpResponse<String>> answer =
            CompletableFuture.supplyAsync(() -> postQuietly(chat));
        TestApi.await(TestApi.DEADLINE, () -> stopping.sql().fetchCount(CHAT_TURN_LEASES) == 1);
        Thread closing = Thread.ofVirtual().start(stopping.server::close);
        TestApi.await(TestApi.DEADLINE, () -> !stopping.listens());
        holder.rollback();
        refused = answer.get();
        closing.join();
      }
      assertEquals(503, refused.statusCode());
      assertEquals(1, chat.counted());
      assertEquals(0, stopping.sql().fetchCount(CHAT_TURN_LEASES));
    }
  }

  private static HttpResponse<String> postQuietly(TestChat chat) {
    try {
      return chat.post(HELLO);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void openStreamsOfOneUserAreBounded() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "GET /chat/",
                (_, c) -> {
                  c.head();
                  while (true) {
                    c.event("{\"type\":\"keepalive\"}");
                    Thread.sleep(100);
                  }
                })
            .onChat(DONE)) {
      TestChat chat = TestChat.with(api, stub);
      List<ChatClient> open = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        ChatClient client = chat.read("?follow=true");
        client.head();
        open.add(client);
      }
      for (HttpResponse<String> refused : List.of(chat.call("GET", "/stream"), chat.post(HELLO))) {
        assertEquals(429, refused.statusCode());
        assertEquals("{\"detail\":\"Too many open streams: at most 12 per user\"}", refused.body());
        assertTrue(Integer.parseInt(refused.headers().firstValue("Retry-After").orElse("0")) > 0);
      }
      assertEquals(0, chat.counted());
      assertEquals(200, TestChat.with(api, stub).post(HELLO).statusCode());
      for (ChatClient client : open) {
        client.close();
      }
      TestApi.await(
          TestApi.DEADLINE,
          () -> {
            try (ChatClient again = chat.read("?follow=true")) {
              return again.head().startsWith("HTTP/1.1 200");
            }
          });
    }
  }
}
