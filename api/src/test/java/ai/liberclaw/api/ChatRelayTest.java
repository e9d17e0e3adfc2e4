package ai.liberclaw.api;

import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static ai.liberclaw.db.platform.Tables.DAILY_USAGE;
import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client reads of a turn, whatever its agent does. */
@ExtendWith(Postgres.Extension.class)
class ChatRelayTest {
  private static final String[] OURS = {"queue", "resume", "deltas", "approvals"};
  private static final String HELLO = "{\"message\":\"hello\"}";
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

  /** A signed-in owner with one agent. */
  private record Chat(String token, UUID user, UUID agent) {
    static Chat with(StubAgent stub) throws Exception {
      TestApi.Tokens tokens = api.guest();
      UUID user = api.userId(tokens);
      return new Chat(tokens.access(), user, api.adoptAgent(user, stub));
    }

    ChatClient send(String body) throws Exception {
      return ChatClient.open(api, "POST", "/chat/" + agent, token, body);
    }

    ChatClient read(String query, String... headers) throws Exception {
      return ChatClient.open(
          api, "GET", "/chat/" + agent + "/stream" + query, token, null, headers);
    }

    HttpResponse<String> call(String method, String path) throws Exception {
      return api.call(method, "/chat/" + agent + path, token, null);
    }

    int counted() {
      return api.sql()
          .select(DAILY_USAGE.MESSAGE_COUNT)
          .from(DAILY_USAGE)
          .where(DAILY_USAGE.USER_ID.eq(user))
          .fetchOptional(DAILY_USAGE.MESSAGE_COUNT)
          .orElse(0);
    }
  }

  private static List<String> types(List<JsonNode> events) {
    return events.stream().map(e -> e.path("type").asText()).toList();
  }

  @Test
  void theSixTypesPassAsTheBytesTheyAreAndOthersDoNot() throws Exception {
    String text = "{\"type\": \"text\", \"content\": \"h\\u00e9 \u00e9 [1]\"}";
    try (StubAgent stub =
        new StubAgent()
            .onChat(
                "{\"type\":\"keepalive\"}",
                text,
                "[1]",
                "nonsense",
                "{\"type\":\"tool_result\",\"name\":\"bash\"}",
                "{\"input\":\"{}\",\"name\":\"bash\",\"type\":\"tool_use\"}",
                "{\"type\":\"done\"}",
                "{\"type\":\"text\",\"content\":\"late\"}")) {
      Chat chat = Chat.with(stub);
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals(
            "data: {\"type\":\"keepalive\"}\n\n"
                + "data: "
                + text
                + "\n\n"
                + "data: {\"input\":\"{}\",\"name\":\"bash\",\"type\":\"tool_use\"}\n\n"
                + "data: {\"type\":\"done\"}\n\n",
            client.body());
        String head = client.head().toLowerCase(Locale.ROOT);
        assertTrue(head.startsWith("http/1.1 200"), head);
        assertTrue(head.contains("content-type: text/event-stream; charset=utf-8"), head);
        assertTrue(head.contains("cache-control: no-cache"), head);
        assertTrue(head.contains("x-accel-buffering: no"), head);
      }
      StubAgent.Request sent = stub.requests("POST /chat").getFirst();
      assertTrue(sent.headers().contains("Bearer " + StubAgent.SECRET));
      assertEquals(
          Json.object().put("message", "hello").put("chat_id", chat.user() + ":" + chat.agent()),
          Json.parse(sent.body()));
      assertEquals(1, chat.counted());
      assertEquals(0, api.sql().fetchCount(CHAT_TURN_LEASES));
    }
  }

  @Test
  void withDeltasEveryTypePassesWithItsNumber() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"text_delta\",\"content\":\"h\"}");
                  c.chunk("id: 7\ndata: {\"type\":\"tool_result\"}\n\n");
                  c.chunk("id: 8\ndata: {\"type\":\"done\"}\n\n");
                  c.end();
                })) {
      Chat chat = Chat.with(stub);
      try (ChatClient client = chat.send("{\"message\":\"x\",\"deltas\":true}")) {
        assertEquals(
            """
            data: {"type":"text_delta","content":"h"}

            id: 7
            data: {"type":"tool_result"}

            id: 8
            data: {"type":"done"}

            """,
            client.body());
      }
      assertTrue(stub.requests("POST /chat").getFirst().body().contains("\"deltas\":true"));
    }
  }

  /** Each way to fail, what the client reads as its error, and whether anything came before. */
  @Test
  void everyFailureOfAnAgentEndsWithItsErrorAndOneDone() throws Exception {
    String lost = "Connection to agent lost mid-response.";
    StubAgent.Script half =
        (_, c) -> {
          c.head();
          c.event("{\"type\":\"text\",\"content\":\"a\"}");
        };
    Map<String, StubAgent.Script> scripts =
        Map.of(
            "Agent error (HTTP 500).|non-2xx",
            (_, c) -> c.json(500, "{}"),
            "Agent error (HTTP 302).|redirect",
            (_, c) -> c.raw("HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
            lost + "|drop",
            half,
            lost + "|no done",
            (r, c) -> {
              half.run(r, c);
              c.end();
            },
            lost + "|nothing",
            (_, c) -> {
              c.head();
              c.end();
            },
            lost + "|reset",
            (r, c) -> {
              half.run(r, c);
              c.reset();
            },
            lost + "|reset at once",
            (_, c) -> c.reset(),
            lost + "|no http",
            (_, c) -> c.raw("SSH-2.0-OpenSSH_9.2\r\n"),
            lost + "|no object",
            (_, c) -> {
              c.head();
              c.event("[1]");
              c.end();
            },
            "Agent stopped responding.|silence",
            (r, c) -> {
              half.run(r, c);
              Thread.sleep(4000);
            });
    for (Map.Entry<String, StubAgent.Script> script : scripts.entrySet()) {
      try (StubAgent stub = new StubAgent(OURS).on("POST /chat", script.getValue())) {
        Chat chat = Chat.with(stub);
        try (ChatClient client = chat.send(HELLO)) {
          List<JsonNode> events = client.events();
          JsonNode error = events.get(events.size() - 2);
          String expected = script.getKey().substring(0, script.getKey().indexOf('|'));
          assertEquals(expected, error.path("content").asText(), script.getKey());
          assertEquals(1, Collections.frequency(types(events), "done"), script.getKey() + events);
          assertEquals("done", events.getLast().path("type").asText(), script.getKey());
        }
        assertEquals(1, stub.requests("POST /chat").size(), script.getKey());
        assertEquals(1, chat.counted(), script.getKey());
      }
    }
  }

  @Test
  void anAgentNobodyCanReachCostsNoMessage() throws Exception {
    StubAgent stub = new StubAgent();
    stub.close();
    Chat chat = Chat.with(stub);
    try (ChatClient client = chat.send(HELLO)) {
      List<JsonNode> events = client.events();
      assertEquals(List.of("error", "done"), types(events));
      assertEquals(
          "Could not connect to agent after multiple attempts.",
          events.getFirst().get("content").textValue());
    }
    assertEquals(0, chat.counted());
  }

  @Test
  void silenceIsFilledWithKeepalives() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  Thread.sleep(1000);
                  c.head();
                  c.event("{\"type\":\"done\"}");
                  c.end();
                })) {
      try (ChatClient client = Chat.with(stub).send(HELLO)) {
        String body = client.body();
        assertTrue(body.startsWith("data: {\"type\":\"keepalive\"}\n\n".repeat(2)), body);
        assertEquals(List.of("done"), types(ChatClient.events(body)));
      }
    }
  }

  @Test
  void whatWaitedForTheOwnerFollowsTheDoneTypedAndOnce() throws Exception {
    try (StubAgent stub = new StubAgent().onChat("{\"type\":\"done\"}")) {
      stub.on(
          "GET /pending",
          (_, c) -> {
            boolean first = stub.requests("GET /pending").size() == 1;
            c.json(
                200,
                first
                    ? "{\"messages\":[{\"chat_id\":\"x\",\"content\":\"[Heartbeat] hi\","
                        + "\"source\":\"heartbeat\",\"created_at\":\"t\"},{\"chat_id\":\"x\","
                        + "\"content\":\"{\\\"type\\\":\\\"file\\\",\\\"path\\\":\\\"a.txt\\\","
                        + "\\\"caption\\\":\\\"\\\"}\",\"source\":\"heartbeat_file\","
                        + "\"created_at\":\"t\"},{\"chat_id\":\"-42\",\"content\":\"telegram's\","
                        + "\"source\":\"subagent\",\"created_at\":\"t\"}]}"
                    : "{\"messages\":[]}");
          });
      Chat chat = Chat.with(stub);
      try (ChatClient client = chat.send(HELLO)) {
        List<JsonNode> events = client.events();
        assertEquals(List.of("done", "text", "file"), types(events));
        assertEquals(
            Json.parse(
                "{\"type\":\"text\",\"content\":\"[Heartbeat] hi\",\"source\":\"heartbeat\","
                    + "\"pending\":true}"),
            events.get(1));
      }
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals(List.of("done"), types(client.events()));
      }
      assertEquals(
          List.of("telegram"),
          api.sql()
              .select(PENDING_OUTBOX.CHANNEL)
              .from(PENDING_OUTBOX)
              .where(PENDING_OUTBOX.AGENT_ID.eq(chat.agent()))
              .and(PENDING_OUTBOX.DELIVERED_AT.isNull())
              .fetch(PENDING_OUTBOX.CHANNEL));
    }
  }

  @Test
  void aBusyAgentIs429AndCostsNoMessage() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS).on("POST /chat", (_, c) -> c.json(429, "{\"error\":\"full\"}"))) {
      Chat chat = Chat.with(stub);
      HttpResponse<String> busy = api.post("/chat/" + chat.agent(), chat.token(), HELLO);
      assertEquals(429, busy.statusCode());
      assertEquals("{\"detail\":\"Agent is busy\"}", busy.body());
      assertEquals(0, chat.counted());
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
                      c.event("{\"type\":\"done\"}");
                      c.end();
                    })) {
      Chat busy = Chat.with(full);
      try {
        assertEquals(429, api.post("/chat/" + busy.agent(), busy.token(), HELLO).statusCode());
      } finally {
        api.sql().execute("alter table away rename to daily_usage");
      }
      try (ChatClient client = Chat.with(original).send(HELLO)) {
        assertEquals(List.of("done"), types(client.events()));
      } finally {
        api.sql().execute("alter table away rename to chat_turn_leases");
        api.sql().deleteFrom(CHAT_TURN_LEASES).execute();
      }
    }
  }

  @Test
  void nothingIsLeftOfStreamsWhoseClientsLeave() throws Exception {
    java.util.concurrent.atomic.AtomicInteger open =
        new java.util.concurrent.atomic.AtomicInteger();
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  open.incrementAndGet();
                  c.head();
                  c.event("{\"type\":\"text\",\"content\":\"a\"}");
                  boolean _ = c.socket().getInputStream().read() < 0;
                  open.decrementAndGet();
                })) {
      Chat chat = Chat.with(stub);
      // More than one user may have open at a time: each gives its place back.
      for (int i = 0; i < 5; i++) {
        try (ChatClient client = chat.send(HELLO)) {
          client.until("\"a\"");
        }
      }
      TestApi.await(TestApi.DEADLINE, () -> open.get() == 0);
      TestApi.await(TestApi.DEADLINE, () -> relayThreads() == 0);
    }
  }

  /** Virtual threads are seen in a dump alone. */
  private static long relayThreads() throws Exception {
    java.nio.file.Path dump = java.nio.file.Files.createTempFile("threads", ".txt");
    java.nio.file.Files.delete(dump);
    try {
      java.lang.management.ManagementFactory.getPlatformMXBean(
              com.sun.management.HotSpotDiagnosticMXBean.class)
          .dumpThreads(
              dump.toString(),
              com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
      return java.nio.file.Files.readAllLines(dump).stream()
          .filter(line -> line.contains("\"relay-"))
          .count();
    } finally {
      java.nio.file.Files.deleteIfExists(dump);
    }
  }

  @Test
  void anOriginalAgentRunsOneTurnAtATimeAndCanBeStopped() throws Exception {
    CountDownLatch aborted = new CountDownLatch(1);
    try (StubAgent stub =
        new StubAgent()
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"text\",\"content\":\"working\"}");
                  try {
                    while (true) {
                      c.event("{\"type\":\"keepalive\"}");
                      Thread.sleep(50);
                    }
                  } finally {
                    aborted.countDown();
                  }
                })) {
      Chat chat = Chat.with(stub);
      try (ChatClient client = chat.send(HELLO)) {
        client.until("working");
        assertEquals(429, api.post("/chat/" + chat.agent(), chat.token(), HELLO).statusCode());
        assertEquals(
            Json.parse("{\"active\":true,\"user_message\":\"\",\"mode\":\"chat\"}"),
            Json.parse(chat.call("GET", "/active").body()));
        HttpResponse<String> stopped = chat.call("POST", "/stop");
        assertEquals("{\"status\":\"ok\",\"cancelled\":true}", stopped.body());
        List<JsonNode> events = client.events();
        assertEquals(List.of("error", "done"), types(events));
        assertEquals("cancelled", events.getFirst().get("code").textValue());
      }
      assertTrue(aborted.await(10, TimeUnit.SECONDS), "the agent's side was closed");
      assertEquals(
          Json.parse("{\"active\":false,\"user_message\":\"\",\"mode\":\"chat\"}"),
          Json.parse(chat.call("GET", "/active").body()));
      assertEquals(1, chat.counted());
    }
  }

  @Test
  void aLostClientClosesAnAgentThatResumesAtOnce() throws Exception {
    CountDownLatch aborted = new CountDownLatch(1);
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"text\",\"content\":\"a\"}");
                  // Silent from here: only the keepalives of the api can notice the client.
                  if (c.socket().getInputStream().read() < 0) {
                    aborted.countDown();
                  }
                })) {
      ChatClient client = Chat.with(stub).send(HELLO);
      client.until("\"a\"");
      client.close();
      assertTrue(aborted.await(10, TimeUnit.SECONDS));
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
                  c.event("{\"type\":\"done\"}");
                  c.end();
                  finished.countDown();
                })) {
      Chat chat = Chat.with(stub);
      ChatClient client = chat.send(HELLO);
      client.until("\"a\"");
      client.close();
      left.countDown();
      assertTrue(finished.await(10, TimeUnit.SECONDS));
      TestApi.await(
          TestApi.DEADLINE, () -> chat.call("GET", "/active").body().contains("\"active\":false"));
    }
  }

  @Test
  void aReaderThatStallsIsDropped() throws Exception {
    CountDownLatch aborted = new CountDownLatch(1);
    String big = "{\"type\":\"text\",\"content\":\"" + "x".repeat(100_000) + "\"}";
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  try {
                    c.head();
                    while (true) {
                      c.event(big);
                    }
                  } finally {
                    aborted.countDown();
                  }
                })) {
      try (ChatClient client = Chat.with(stub).send(HELLO)) {
        client.head();
        assertTrue(aborted.await(20, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void aReaderComesBackWithItsLastNumber() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "GET /chat/",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"stream_meta\",\"turn_id\":\"t\"}");
                  c.chunk("id: 5\ndata: {\"type\":\"done\"}\n\n");
                  c.chunk("id: 6\ndata: {\"type\":\"text\",\"content\":\"b\"}\n\n");
                  c.chunk("id: 7\ndata: {\"type\":\"done\"}\n\n");
                  c.end();
                })) {
      Chat chat = Chat.with(stub);
      try (ChatClient client = chat.read("?after=2&follow=true", "Last-Event-ID: 4")) {
        assertEquals(
            """
            data: {"type":"stream_meta","turn_id":"t"}

            id: 5
            data: {"type":"done"}

            id: 6
            data: {"type":"text","content":"b"}

            id: 7
            data: {"type":"done"}

            """,
            client.body());
      }
      String path = stub.requests("GET /chat/").getFirst().path();
      assertTrue(path.contains("/stream?"), path);
      for (String part : List.of("deltas=true", "after=4", "follow=true")) {
        assertTrue(path.contains(part), path);
      }
      for (String query : List.of("?after=-1", "?after=x")) {
        assertEquals(422, chat.call("GET", "/stream" + query).statusCode());
      }
      HttpResponse<String> header =
          api.call(
              "GET",
              "/chat/" + chat.agent() + "/stream",
              chat.token(),
              null,
              "Last-Event-ID",
              "-3");
      assertEquals(422, header.statusCode());
      assertEquals(0, chat.counted());
    }
  }

  @Test
  void messagesSentAtOnceAreCountedOneByOneUpToTheLimit() throws Exception {
    try (StubAgent stub = new StubAgent(OURS).onChat("{\"type\":\"done\"}")) {
      Chat chat = Chat.with(stub);
      List<Integer> statuses =
          TestApi.together(12, () -> api.post("/chat/" + chat.agent(), chat.token(), HELLO));
      assertEquals(10, Collections.frequency(statuses, 200), statuses.toString());
      assertEquals(2, Collections.frequency(statuses, 429), statuses.toString());
      assertEquals(10, chat.counted());
      assertEquals(
          Json.parse(
              "{\"daily_messages_used\":10,\"daily_messages_limit\":10,\"agent_count\":1,"
                  + "\"agent_limit\":1,\"tier\":\"guest\"}"),
          Json.parse(api.call("GET", "/usage/", chat.token(), null).body()));
      assertEquals(
          "{\"detail\":\"Daily message limit reached\"}",
          api.post("/chat/" + chat.agent(), chat.token(), HELLO).body());
    }
  }

  @Test
  void aRepeatUnderOneKeyIsCountedOnce() throws Exception {
    try (StubAgent stub = new StubAgent(OURS).onChat("{\"type\":\"done\"}")) {
      Chat chat = Chat.with(stub);
      String path = "/chat/" + chat.agent();
      for (int i = 0; i < 2; i++) {
        assertEquals(
            200, api.call("POST", path, chat.token(), HELLO, "Idempotency-Key", "k1").statusCode());
      }
      assertEquals(1, chat.counted());
      assertTrue(
          stub.requests("POST /chat").stream()
              .allMatch(r -> r.body().contains("\"client_message_id\":\"k1\"")));
      HttpResponse<String> other =
          api.call("POST", path, chat.token(), "{\"message\":\"other\"}", "Idempotency-Key", "k1");
      assertEquals(422, other.statusCode());
    }
  }

  @Test
  void historyAndClearAreRelayedAndAFailureShowsOnlyWhenAskedFor() throws Exception {
    try (StubAgent stub =
        new StubAgent()
            .on(
                "GET /chat/",
                (_, c) ->
                    c.json(200, "{\"messages\":[{\"type\":\"text\",\"content\":\"\u00fc\"}]}"))
            .on("DELETE /chat/", (_, c) -> c.json(200, "{\"status\":\"ok\",\"deleted\":2}"))) {
      Chat chat = Chat.with(stub);
      assertEquals(
          "{\"messages\":[{\"type\":\"text\",\"content\":\"\u00fc\"}]}",
          chat.call("GET", "/history").body());
      assertEquals(204, chat.call("DELETE", "").statusCode());
      String id = chat.user() + ":" + chat.agent();
      assertEquals(1, stub.requests("DELETE /chat/" + id).size());
      stub.on("GET /chat/", (_, c) -> c.json(500, "{}"));
      stub.on("DELETE /chat/", (_, c) -> c.json(500, "{}"));
      assertEquals("{\"messages\":[]}", chat.call("GET", "/history").body());
      assertEquals(502, chat.call("GET", "/history?strict=true").statusCode());
      HttpResponse<String> clear = chat.call("DELETE", "");
      assertEquals(502, clear.statusCode());
      assertEquals("{\"detail\":\"Failed to clear chat on agent VM\"}", clear.body());
    }
  }

  @Test
  void badMessagesAreRefusedBeforeAnythingIsCounted() throws Exception {
    try (StubAgent stub = new StubAgent(OURS)) {
      Chat chat = Chat.with(stub);
      String path = "/chat/" + chat.agent();
      assertEquals(422, api.post(path, chat.token(), "{\"message\":\"\"}").statusCode());
      assertEquals(
          422,
          api.post(path, chat.token(), "{\"message\":\"" + "x".repeat(32_001) + "\"}")
              .statusCode());
      assertEquals(422, api.post(path, chat.token(), "{").statusCode());
      assertEquals(422, api.post("/chat/nonsense", chat.token(), HELLO).statusCode());
      assertEquals(413, api.post(path, chat.token(), "x".repeat(600 * 1024)).statusCode());
      assertEquals(401, api.post(path, null, "{").statusCode());
      assertFalse(stub.requests("POST /chat").stream().findAny().isPresent());
      assertEquals(0, chat.counted());
    }
  }

  @Test
  void aStoppingServerTellsItsReadersToComeBack(Postgres postgres) throws Exception {
    try (TestApi other = TestApi.start(postgres);
        StubAgent stub =
            new StubAgent(OURS)
                .on(
                    "POST /chat",
                    (_, c) -> {
                      c.head();
                      c.event("{\"type\":\"text\",\"content\":\"a\"}");
                      boolean _ = c.socket().getInputStream().read() < 0;
                    })) {
      TestApi.Tokens tokens = other.guest();
      UUID agent = other.adoptAgent(other.userId(tokens), stub);
      try (ChatClient client =
          ChatClient.open(other, "POST", "/chat/" + agent, tokens.access(), HELLO)) {
        client.until("\"a\"");
        Thread closing = Thread.ofVirtual().start(other.server::close);
        List<JsonNode> events = client.events();
        assertEquals(List.of("error", "done"), types(events));
        assertEquals("restarting", events.getFirst().get("code").textValue());
        closing.join();
      }
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
                })) {
      Chat chat = Chat.with(stub);
      List<ChatClient> open = new java.util.ArrayList<>();
      for (int i = 0; i < 12; i++) {
        ChatClient client = chat.read("?follow=true");
        client.head();
        open.add(client);
      }
      HttpResponse<String> refused = chat.call("GET", "/stream");
      assertEquals(429, refused.statusCode());
      assertEquals("{\"detail\":\"Too many open streams: at most 12 per user\"}", refused.body());
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
