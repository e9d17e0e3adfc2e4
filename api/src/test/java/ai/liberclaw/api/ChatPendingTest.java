package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static ai.liberclaw.api.TestChat.types;
import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.Misbehaviour;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What agents say on their own reaches their owners once, in the form chat screens draw. */
@ExtendWith(Postgres.Extension.class)
class ChatPendingTest {
  private static final String NONE = "{\"messages\":[]}";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static String message(String chatId, String content, String source) {
    return Json.object()
        .put("chat_id", chatId)
        .put("content", content)
        .put("source", source)
        .put("created_at", "2026-11-20T21:13:09+00:00")
        .toString();
  }

  /** An agent that gives these messages once, as the original does. */
  private static StubAgent waiting(String... messages) throws Exception {
    StubAgent stub = new StubAgent().onChat(DONE);
    return stub.on(
        "GET /pending",
        (_, c) ->
            c.json(
                200,
                stub.requests("GET /pending").size() == 1
                    ? "{\"messages\":[" + String.join(",", messages) + "]}"
                    : NONE));
  }

  @Test
  void whoeverAsksForTheHeadAloneTakesNothingAway() throws Exception {
    try (StubAgent stub = waiting(message("x", "kept", "heartbeat"))) {
      TestChat chat = TestChat.with(api, stub);
      for (String path : List.of("/pending", "/history", "/stream")) {
        HttpResponse<String> head = chat.call("HEAD", path);
        assertEquals(405, head.statusCode(), path);
        assertEquals("GET", head.headers().firstValue("Allow").orElse(""), path);
      }
      assertTrue(chat.call("GET", "/pending").body().contains("kept"));
    }
  }

  @Test
  void c5WhatWaitedForTheOwnerFollowsTheDoneTypedAndOnce() throws Exception {
    try (StubAgent stub =
        waiting(
            message("x", "[Heartbeat] hi", "heartbeat"),
            message(
                "x", "{\"type\":\"file\",\"path\":\"a.txt\",\"caption\":\"\"}", "heartbeat_file"),
            message("x", "{\"type\":\"done\"}", "subagent"),
            message("-42", "telegram's", "subagent"),
            message("tg:7", "telegram's too", "subagent"),
            message("u:a", "in the history", "chat"))) {
      TestChat chat = TestChat.with(api, stub);
      try (ChatClient client = chat.send(HELLO)) {
        List<JsonNode> events = client.events();
        assertEquals(List.of("done", "text", "file", "text"), types(events));
        assertEquals(
            Json.parse(
                "{\"type\":\"text\",\"content\":\"[Heartbeat] hi\",\"source\":\"heartbeat\","
                    + "\"pending\":true}"),
            events.get(1));
        assertEquals(
            Json.parse("{\"type\":\"file\",\"path\":\"a.txt\",\"caption\":\"\"}"), events.get(2));
        assertEquals("{\"type\":\"done\"}", events.get(3).path("content").asText());
      }
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals(List.of("done"), types(client.events()));
      }
      assertEquals(
          List.of("telegram", "telegram"),
          api.sql()
              .select(PENDING_OUTBOX.CHANNEL)
              .from(PENDING_OUTBOX)
              .where(PENDING_OUTBOX.AGENT_ID.eq(chat.agent()))
              .and(PENDING_OUTBOX.DELIVERED_AT.isNull())
              .fetch(PENDING_OUTBOX.CHANNEL));
    }
  }

  @Test
  void theHistoryAndThePendingRouteDeliverTheSameOutbox() throws Exception {
    for (String path : List.of("/history", "/pending")) {
      try (StubAgent stub = waiting(message("x", "hi", "heartbeat"))) {
        stub.on("GET /chat/", (_, c) -> c.json(200, NONE));
        TestChat chat = TestChat.with(api, stub);
        JsonNode first = Json.parse(chat.call("GET", path).body()).path("messages").path(0);
        assertEquals("hi", first.path("content").asText(), path);
        assertEquals(path.equals("/history"), first.path("pending").asBoolean(), path);
        assertEquals(path.equals("/pending"), first.has("created_at"), path);
        assertEquals(NONE, chat.call("GET", path).body());
      }
    }
  }

  @Test
  void anAgentWhosePendingFailsChangesNothingOfTheTurn() throws Exception {
    for (Misbehaviour misbehaviour : Misbehaviour.values()) {
      if (misbehaviour.name().startsWith("SILENCE") || misbehaviour.name().startsWith("ENDLESS")) {
        continue;
      }
      try (StubAgent stub = new StubAgent().onChat(DONE).on("GET /pending", misbehaviour)) {
        TestChat chat = TestChat.with(api, stub);
        try (ChatClient client = chat.send(HELLO)) {
          assertEquals(List.of("done"), types(client.events()), misbehaviour.toString());
        }
        HttpResponse<String> pending = chat.call("GET", "/pending");
        assertEquals(200, pending.statusCode(), misbehaviour.toString());
        assertEquals(NONE, pending.body(), misbehaviour.toString());
      }
    }
  }

  @Test
  void whatComesTooLateForATurnIsKeptForTheNextReader(Postgres postgres) throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestApi patient =
            TestApi.start(
                postgres, Map.of(), options -> TestApi.withAnswerTime(options, TestApi.DEADLINE));
        StubAgent stub = new StubAgent().onChat(DONE)) {
      stub.on(
          "GET /pending",
          (_, c) -> {
            boolean first = stub.requests("GET /pending").size() == 1;
            if (first) {
              answer.await();
            }
            c.json(
                200, first ? "{\"messages\":[" + message("x", "late", "heartbeat") + "]}" : NONE);
          });
      TestChat chat = TestChat.with(patient, stub);
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals(List.of("done"), types(client.events()));
      }
      answer.countDown();
      TestApi.await(
          TestApi.DEADLINE, () -> chat.call("GET", "/pending").body().contains("\"late\""));
    }
  }

  @Test
  void whatAnAgentHandsOverWhileTheServerStopsIsNotLost(Postgres postgres) throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    try (TestApi stopping =
            TestApi.start(
                postgres, Map.of(), options -> TestApi.withAnswerTime(options, TestApi.DEADLINE));
        StubAgent stub = new StubAgent().onChat(DONE)) {
      stub.on(
          "GET /pending",
          (_, c) -> {
            asked.countDown();
            answer.await();
            c.json(200, "{\"messages\":[" + message("x", "late", "heartbeat") + "]}");
          });
      TestChat chat = TestChat.with(stopping, stub);
      Thread reader = Thread.ofVirtual().start(() -> readQuietly(chat));
      asked.await();
      reader.join();
      Thread closing = Thread.ofVirtual().start(stopping.server::close);
      TestApi.await(TestApi.DEADLINE, () -> !stopping.listens());
      assertFalse(closing.join(Duration.ofMillis(300)), "the agent is still waited for");
      answer.countDown();
      closing.join();
      assertEquals(1, stopping.sql().fetchCount(PENDING_OUTBOX));
    }
  }

  private static void readQuietly(TestChat chat) {
    try {
      chat.call("GET", "/pending");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void twoReadersOnTwoServersShareWhatWaits() throws Exception {
    try (TestApi other = api.beside();
        StubAgent stub = new StubAgent()) {
      TestChat chat = TestChat.with(api, stub);
      for (int i = 0; i < 300; i++) {
        api.sql()
            .execute(
                "insert into pending_outbox (id, agent_id, chat_id, channel, content, source,"
                    + " agent_created_at) values (gen_random_uuid(), ?, 'x', 'web', ?, 'system', '')",
                chat.agent(),
                "m" + i);
      }
      List<String> seen = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          TestChat reader = i % 2 == 0 ? chat : chat.through(other);
          answers.add(threads.submit(() -> reader.call("GET", "/pending")));
        }
        for (Future<HttpResponse<String>> given : answers) {
          for (JsonNode message : Json.parse(given.get().body()).path("messages")) {
            seen.add(message.path("content").asText());
          }
        }
      }
      assertEquals(300, seen.size());
      assertEquals(300, seen.stream().distinct().count());
    }
  }

  @Test
  void whatAServerTookAndNeverDeliveredWaitsAgain() throws Exception {
    try (StubAgent stub = new StubAgent()) {
      TestChat chat = TestChat.with(api, stub);
      api.sql()
          .execute(
              "insert into pending_outbox (id, agent_id, chat_id, channel, content, source,"
                  + " agent_created_at, claimed_until) values (gen_random_uuid(), ?, 'x', 'web',"
                  + " 'kept', 'system', '', now() + interval '1 hour')",
              chat.agent());
      assertEquals(NONE, chat.call("GET", "/pending").body());
      api.sql().execute("update pending_outbox set claimed_until = now() - interval '1 second'");
      assertTrue(chat.call("GET", "/pending").body().contains("\"kept\""));
    }
  }
}
