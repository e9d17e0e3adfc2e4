package ai.liberclaw.api;

import static ai.liberclaw.api.TestChat.DONE;
import static ai.liberclaw.api.TestChat.HELLO;
import static ai.liberclaw.api.TestChat.OURS;
import static ai.liberclaw.api.TestChat.types;
import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is asked of a chat, and every byte of what a client reads of a turn that goes well. */
@ExtendWith(Postgres.Extension.class)
class ChatGrammarTest {
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

  @Test
  void theSixTypesPassAsTheBytesTheyAreAndOthersDoNot() throws Exception {
    String text = "{\"type\": \"text\", \"content\": \"h\\u00e9 \u00e9 [1]\"}";
    try (StubAgent stub =
        new StubAgent()
            .onChat(
                text,
                "[1]",
                "nonsense",
                "{\"type\":\"tool_result\",\"name\":\"bash\"}",
                "{\"type\":\"usage\"}",
                "{\"chat_id\":\"x\",\"content\":\"untyped\"}",
                "{\"input\":\"{}\",\"name\":\"bash\",\"type\":\"tool_use\"}",
                DONE,
                "{\"type\":\"text\",\"content\":\"late\"}")) {
      TestChat chat = TestChat.with(api, stub);
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals(
            "data: "
                + text
                + "\n\n"
                + "data: {\"input\":\"{}\",\"name\":\"bash\",\"type\":\"tool_use\"}\n\n"
                + "data: {\"type\":\"done\"}\n\n",
            client.body().replace(KEEPALIVE, ""));
        String head = client.head().toLowerCase(Locale.ROOT);
        assertTrue(head.startsWith("http/1.1 200"), head);
        for (String line :
            List.of(
                "content-type: text/event-stream; charset=utf-8",
                "cache-control: no-cache",
                "connection: keep-alive",
                "transfer-encoding: chunked",
                "x-accel-buffering: no")) {
          assertTrue(head.contains("\r\n" + line + "\r\n"), head);
        }
      }
      StubAgent.Request sent = stub.requests("POST /chat").getFirst();
      assertTrue(sent.headers().contains("Bearer " + StubAgent.SECRET));
      assertEquals(
          Json.object().put("message", "hello").put("chat_id", chat.id()), Json.parse(sent.body()));
      assertEquals(1, chat.counted());
      assertEquals(0, api.sql().fetchCount(CHAT_TURN_LEASES));
    }
  }

  @Test
  void whateverFramingAnAgentUsesTheClientReadsOneLinePerEvent() throws Exception {
    try (StubAgent stub =
        new StubAgent()
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  c.chunk("\uFEFF: comment\r\n\r\nevent: x\r\ndata:{\"type\":\"text\",\r\n");
                  c.chunk("data: \"content\":\"a\"}\r\n\r\n");
                  c.chunk("data: {\"type\":\"text\",\"content\":\"\u00e9");
                  c.chunk("\u00e9\"}\n");
                  c.chunk("\ndata:{\"type\":\"done\"}\n\n");
                  c.end();
                })) {
      try (ChatClient client = TestChat.with(api, stub).send(HELLO)) {
        assertEquals(
            """
            data: {"type":"text", "content":"a"}

            data: {"type":"text","content":"\u00e9\u00e9"}

            data: {"type":"done"}

            """,
            client.body().replace(KEEPALIVE, ""));
      }
    }
  }

  @Test
  void withDeltasOrApprovalsEveryTypePassesWithItsNumber() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  c.head();
                  c.event("{\"type\":\"text_delta\",\"content\":\"h\"}");
                  c.chunk("id: 7\ndata: {\"type\":\"tool_result\"}\n\n");
                  c.chunk(
                      "id: 8\ndata: {\"type\":\"approval_required\",\"approval_id\":\"a\"}\n\n");
                  c.event("{\"type\":\"usage\"}");
                  c.chunk("id: x\ndata: {\"type\":\"stream_meta\"}\n\n");
                  c.chunk("id: 9\ndata: {\"type\":\"done\"}\n\n");
                  c.end();
                })) {
      TestChat chat = TestChat.with(api, stub);
      for (String wish : List.of("deltas", "approvals")) {
        try (ChatClient client = chat.send("{\"message\":\"x\",\"" + wish + "\":true}")) {
          assertEquals(
              """
              data: {"type":"text_delta","content":"h"}

              id: 7
              data: {"type":"tool_result"}

              id: 8
              data: {"type":"approval_required","approval_id":"a"}

              data: {"type":"usage"}

              data: {"type":"stream_meta"}

              id: 9
              data: {"type":"done"}

              """,
              client.body().replace(KEEPALIVE, ""));
        }
        JsonNode sent = Json.parse(stub.requests("POST /chat").getLast().body());
        assertEquals(wish.equals("deltas"), sent.has("deltas"), sent.toString());
        assertEquals(wish.equals("approvals"), sent.has("approvals"), sent.toString());
      }
      try (ChatClient client = chat.send(HELLO)) {
        assertEquals("data: {\"type\":\"done\"}\n\n", client.body().replace(KEEPALIVE, ""));
      }
    }
  }

  @Test
  void whatAnAgentCannotDoIsNotAskedOfIt() throws Exception {
    try (StubAgent stub = new StubAgent("queue", "resume", "deltas").onChat(DONE)) {
      TestChat chat = TestChat.with(api, stub);
      try (ChatClient client =
          chat.send("{\"message\":\"x\",\"deltas\":true,\"approvals\":true}")) {
        assertEquals(List.of("done"), types(client.events()));
      }
      assertEquals(
          Json.object().put("message", "x").put("chat_id", chat.id()).put("deltas", true),
          Json.parse(stub.requests("POST /chat").getFirst().body()));
    }
  }

  @Test
  void c4SilenceIsFilledWithKeepalivesAndThoseOfTheAgentPass() throws Exception {
    try (StubAgent stub =
        new StubAgent(OURS)
            .on(
                "POST /chat",
                (_, c) -> {
                  Thread.sleep(1250);
                  c.head();
                  Thread.sleep(700);
                  c.event("{\"type\": \"keepalive\"}");
                  c.event(DONE);
                  c.end();
                })) {
      try (ChatClient client = TestChat.with(api, stub).send(HELLO)) {
        String body = client.body();
        assertTrue(body.startsWith("data: {\"type\":\"keepalive\"}\n\n".repeat(2)), body);
        assertTrue(
            body.contains("data: {\"type\": \"keepalive\"}\n\ndata: {\"type\":\"done\"}\n\n"),
            body);
      }
    }
  }

  @Test
  void badMessagesAreRefusedBeforeAnythingIsCounted() throws Exception {
    try (StubAgent stub = new StubAgent(OURS)) {
      TestChat chat = TestChat.with(api, stub);
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
      for (String key : List.of("", "x".repeat(201))) {
        assertEquals(422, chat.post(HELLO, "Idempotency-Key", key).statusCode(), key);
      }
      assertFalse(stub.requests("POST /chat").stream().findAny().isPresent());
      assertEquals(0, chat.counted());
    }
  }

  /** What the app shows and acts upon before a stream has begun, word for word. */
  @Test
  void refusalsBeforeTheStreamAreOrdinaryAnswers() throws Exception {
    try (StubAgent stub = new StubAgent()) {
      TestChat chat = TestChat.with(api, stub);
      assertEquals(
          "{\"detail\":\"Agent not found\"}",
          api.post("/chat/" + UUID.randomUUID(), chat.token(), HELLO).body());
      api.sql().execute("update agents set vm_url = null where id = ?", chat.agent());
      for (HttpResponse<String> refused :
          List.of(
              chat.post(HELLO),
              chat.call("GET", "/stream"),
              chat.call("GET", "/active"),
              chat.call("POST", "/stop"),
              chat.call("GET", "/approvals"))) {
        assertEquals(400, refused.statusCode(), refused.uri().toString());
        assertEquals("{\"detail\":\"Agent is not running\"}", refused.body());
      }
      assertEquals("{\"messages\":[]}", chat.call("GET", "/history").body());
      assertEquals("{\"messages\":[]}", chat.call("GET", "/pending").body());
      assertEquals("{\"detail\":\"Agent has no VM\"}", chat.call("DELETE", "").body());
      assertEquals(0, chat.counted());
    }
  }

  @Test
  void c13AnExpiredTokenIsExactly401AndAFewSecondsAreForgiven(Postgres postgres) throws Exception {
    try (TestApi own = TestApi.start(postgres);
        StubAgent stub = new StubAgent().onChat(DONE)) {
      TestChat chat = TestChat.with(own, stub);
      own.clock.advance(Duration.ofMinutes(15).plusSeconds(20));
      assertEquals(200, chat.post(HELLO).statusCode());
      own.clock.advance(Duration.ofSeconds(11));
      HttpResponse<String> expired = chat.post(HELLO);
      assertEquals(401, expired.statusCode());
      assertEquals("{\"detail\":\"Invalid or expired token\"}", expired.body());
      assertEquals("Bearer", expired.headers().firstValue("WWW-Authenticate").orElse(""));
      assertEquals(1, chat.counted());
    }
  }

  @Test
  void c19AFailedHistoryLooksEmptyOnlyToThoseWhoDoNotAsk() throws Exception {
    try (StubAgent stub =
        new StubAgent()
            .on(
                "GET /chat/",
                (_, c) ->
                    c.json(200, "{\"messages\":[{\"type\":\"text\",\"content\":\"\u00fc\"}]}"))
            .on("DELETE /chat/", (_, c) -> c.json(200, "{\"status\":\"ok\",\"deleted\":2}"))) {
      TestChat chat = TestChat.with(api, stub);
      assertEquals(
          "{\"messages\":[{\"type\":\"text\",\"content\":\"\u00fc\"}]}",
          chat.call("GET", "/history?limit=7").body());
      assertTrue(stub.requests("GET /chat/").getLast().path().endsWith("/history?limit=7"));
      for (String query : List.of("limit=0", "limit=201", "limit=x", "strict=perhaps")) {
        assertEquals(422, chat.call("GET", "/history?" + query).statusCode(), query);
      }
      assertEquals(204, chat.call("DELETE", "").statusCode());
      assertEquals(1, stub.requests("DELETE /chat/" + chat.id()).size());
      stub.on("GET /chat/", (_, c) -> c.json(500, "{}"));
      stub.on("DELETE /chat/", (_, c) -> c.json(500, "{}"));
      assertEquals("{\"messages\":[]}", chat.call("GET", "/history").body());
      HttpResponse<String> strict = chat.call("GET", "/history?strict=true");
      assertEquals(502, strict.statusCode());
      assertEquals("{\"detail\":\"Could not reach agent\"}", strict.body());
      HttpResponse<String> clear = chat.call("DELETE", "");
      assertEquals(502, clear.statusCode());
      assertEquals("{\"detail\":\"Failed to clear chat on agent VM\"}", clear.body());
    }
  }
}
