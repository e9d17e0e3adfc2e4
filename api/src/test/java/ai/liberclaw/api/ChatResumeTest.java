package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static ai.liberclaw.api.TestChat.OURS;
import static ai.liberclaw.api.TestChat.types;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.Misbehaviour;
import ai.liberclaw.testkit.agent.StubAgent;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Readers that come late or come back, and turns that are looked at or stopped, on two servers. */
@ExtendWith(Postgres.Extension.class)
class ChatResumeTest {
  private static final String KEEPALIVE = "data: {\"type\":\"keepalive\"}\n\n";
  private static TestApi api;
  private static TestApi other;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
    other = api.beside();
  }

  @AfterAll
  static void stop() throws Exception {
    other.close();
    api.close();
  }

  @Test
  void readersComeBackWithTheirLastNumberOnAnyServer() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "GET /chat/",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"stream_meta\",\"turn_id\":\"t\",\"truncated\":true}");
                  c.event("{\"type\":\"text_delta\",\"content\":\"b\"}");
                  c.chunk("id: 5\ndata: {\"type\":\"done\"}\n\n");
                  c.chunk("id: 6\ndata: {\"type\":\"tool_result\"}\n\n");
                  c.event("{\"type\":\"usage\"}");
                  c.chunk("id: 7\ndata: {\"type\":\"done\"}\n\n");
                  c.end();
                })) {
      TestChat chat = TestChat.with(api, stub);
      String all =
          """
          data: {"type":"stream_meta","turn_id":"t","truncated":true}

          data: {"type":"text_delta","content":"b"}

          id: 5
          data: {"type":"done"}

          id: 6
          data: {"type":"tool_result"}

          data: {"type":"usage"}

          id: 7
          data: {"type":"done"}

          """;
      try (ChatClient one = chat.read("?after=2&follow=true&deltas=false", "Last-Event-ID: 4");
          ChatClient two = chat.through(other).read("?after=2")) {
        assertEquals(all, one.body().replace(KEEPALIVE, ""));
        assertEquals(all, two.body().replace(KEEPALIVE, ""));
      }
      assertStream(stub, "deltas=false", "after=4", "follow=true");
      assertStream(stub, "deltas=true", "after=2");
      for (String query : List.of("?after=-1", "?after=x", "?follow=perhaps")) {
        assertEquals(422, chat.call("GET", "/stream" + query).statusCode(), query);
      }
      for (String number : List.of("-3", "x", "99999999999999999999")) {
        HttpResponse<String> header =
            api.call(
                "GET",
                "/chat/" + chat.agent() + "/stream?after=1",
                chat.token(),
                null,
                "Last-Event-ID",
                number);
        assertEquals(422, header.statusCode(), number);
      }
      assertEquals(0, chat.counted());
    }
  }

  private static void assertStream(StubAgent stub, String... parts) {
    assertTrue(
        stub.requests("GET /chat/").stream()
            .map(StubAgent.Request::path)
            .map(path -> path.substring(path.indexOf('?') + 1))
            .anyMatch(query -> Set.of(query.split("&")).equals(Set.of(parts))),
        () -> stub.requests("GET /chat/").toString());
  }

  @Test
  void aReaderWhoseAgentFailsHearsOfIt() throws Exception {
    try (StubAgent stub = new StubAgent(OURS)) {
      TestChat chat = TestChat.with(api, stub);
      stub.on("GET /chat/", Misbehaviour.RESET_AFTER_EVENTS);
      try (ChatClient client = chat.read("?after=1")) {
        assertEquals(List.of("text", "error", "done"), types(client.events()));
      }
      // After the end of a turn nothing is missing: the reader may ask for the next.
      stub.on(
          "GET /chat/",
          (_, c) -> {
            c.head();
            c.chunk("id: 5\ndata: {\"type\":\"done\"}\n\n");
            c.reset();
          });
      try (ChatClient client = chat.read("?after=1")) {
        assertEquals("done", client.events().getFirst().path("type").asText());
      }
    }
  }

  @Test
  void whatAnAgentSaysOfItsTurnIsPassedOn() throws Exception {
    String active = "{\"active\":true,\"user_message\":\"hi\",\"mode\":\"coding\"}";
    try (StubAgent stub =
        new StubAgent(OURS)
            .on("GET /chat/", (_, c) -> c.json(200, active))
            .on("POST /chat/", (_, c) -> c.json(200, "{\"status\":\"ok\",\"cancelled\":true}"))) {
      TestChat chat = TestChat.with(api, stub);
      assertEquals(Json.parse(active), Json.parse(chat.call("GET", "/active").body()));
      assertEquals("{\"status\":\"ok\",\"cancelled\":true}", chat.call("POST", "/stop").body());
      assertTrue(stub.requests("POST /chat/" + chat.id()).getFirst().path().endsWith("/stop"));
      stub.on("GET /chat/", (_, c) -> c.json(500, "{}"));
      HttpResponse<String> failed = chat.call("GET", "/active");
      assertEquals(502, failed.statusCode());
      assertEquals("{\"detail\":\"Could not reach agent\"}", failed.body());
    }
  }

  /** An original agent in the middle of a turn, until its client leaves. */
  private static StubAgent working(CountDownLatch aborted) throws Exception {
    return new StubAgent()
        .on(
            "POST /chat",
            (_, c) -> {
              c.head();
              c.event("{\"type\":\"text\",\"content\":\"working\"}");
              try {
                while (true) {
                  c.event("{\"type\":\"keepalive\"}");
                  Thread.sleep(100);
                }
              } finally {
                aborted.countDown();
              }
            });
  }

  @Test
  void anOriginalAgentRunsOneTurnAtATimeAndCanBeStoppedFromAnyServer() throws Exception {
    for (TestApi asked : List.of(api, other)) {
      CountDownLatch aborted = new CountDownLatch(1);
      try (StubAgent stub = working(aborted)) {
        TestChat chat = TestChat.with(api, stub);
        TestChat there = chat.through(asked);
        try (ChatClient client = chat.send(HELLO)) {
          client.until("working");
          HttpResponse<String> busy = there.post(HELLO);
          assertEquals(429, busy.statusCode());
          assertEquals("{\"detail\":\"Agent is busy\"}", busy.body());
          assertTrue(busy.headers().firstValue("Retry-After").isPresent());
          assertEquals(
              Json.parse("{\"active\":true,\"user_message\":\"\",\"mode\":\"chat\"}"),
              Json.parse(there.call("GET", "/active").body()));
          ChatClient reader = there.read("?after=1");
          reader.until("keepalive");
          Instant asking = Instant.now();
          HttpResponse<String> stopped = there.call("POST", "/stop");
          assertEquals("{\"status\":\"ok\",\"cancelled\":true}", stopped.body());
          assertEquals(
              "data: {\"type\":\"error\",\"content\":\"Chat run was cancelled.\","
                  + "\"code\":\"cancelled\"}\n\ndata: {\"type\":\"done\"}\n\n",
              client.body().replace(KEEPALIVE, ""));
          assertTrue(
              Duration.between(asking, Instant.now()).compareTo(Duration.ofSeconds(5)) < 0,
              "stopped promptly");
          assertEquals("data: {\"type\":\"done\"}\n\n", reader.body().replace(KEEPALIVE, ""));
          reader.close();
        }
        assertTrue(aborted.await(10, TimeUnit.SECONDS), "the agent's side was closed");
        assertEquals(
            Json.parse("{\"active\":false,\"user_message\":\"\",\"mode\":\"chat\"}"),
            Json.parse(there.call("GET", "/active").body()));
        assertEquals("{\"status\":\"ok\",\"cancelled\":false}", there.call("POST", "/stop").body());
        assertEquals(1, chat.counted());
        try (ChatClient idle = there.read("?after=1&follow=true")) {
          assertEquals("data: {\"type\":\"done\"}\n\n", idle.body().replace(KEEPALIVE, ""));
        }
      }
    }
  }

  @Test
  void theLeaseOfADeadServerRunsOut() throws Exception {
    try (StubAgent stub = new StubAgent().onChat(DONE)) {
      TestChat chat = TestChat.with(api, stub);
      api.sql()
          .execute(
              "insert into chat_turn_leases (chat_id, agent_id, lease_owner, lease_until)"
                  + " values (?, ?, 'dead', now() + interval '30 seconds')",
              chat.id(),
              chat.agent());
      assertEquals(429, chat.post(HELLO).statusCode());
      api.sql().execute("update chat_turn_leases set lease_until = now() - interval '1 second'");
      assertFalse(chat.call("GET", "/active").body().contains("true"));
      assertEquals(200, chat.post(HELLO).statusCode());
    }
  }
}
