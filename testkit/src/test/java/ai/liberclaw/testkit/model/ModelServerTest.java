package ai.liberclaw.testkit.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.sse.RawSse;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelServerTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final ModelServer server = ModelServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  private RawSse ask(String body) throws Exception {
    return RawSse.post(URI.create(server.baseUrl() + "/chat/completions"), Map.of(), body);
  }

  private static String request(String messages) {
    return "{\"model\":\"m\",\"stream\":true,\"tools\":[{}],\"messages\":" + messages + "}";
  }

  @Test
  void streamsTheQueueThenAsksTheResponder() throws Exception {
    server.enqueue(ModelAnswer.text("first"));
    try (RawSse answer = ask(request("[{\"role\":\"user\",\"content\":\"x\"}]"))) {
      List<RawSse.Event> events = answer.rest(SOON);
      assertEquals("text/event-stream", answer.header("content-type"));
      assertEquals("[DONE]", events.getLast().data());
      assertEquals("first", events.get(1).json().at("/choices/0/delta/content").asText());
    }
    server.respond(_ -> ModelAnswer.error(503, "later"));
    try (RawSse answer = ask(request("[{\"role\":\"user\",\"content\":\"x\"}]"))) {
      assertEquals(503, answer.status());
      assertEquals("later", answer.bodyText(SOON));
    }
    assertEquals(2, server.requests().size());
  }

  @Test
  void withoutAScriptToolLinesAreObeyed() throws Exception {
    String body =
        "{\"model\":\"m\",\"tools\":[{}],\"messages\":[{\"role\":\"user\",\"content\":"
            + "\"/tool bash {\\\"a\\\":1}\"}]}";
    try (RawSse answer = ask(body)) {
      JsonNode call = Json.parse(answer.bodyText(SOON)).at("/choices/0/message/tool_calls/0");
      assertEquals("bash", call.at("/function/name").asText());
      assertEquals("{\"a\":1}", call.at("/function/arguments").asText());
    }
  }

  @Test
  void invalidHistoriesAreRefusedAndNamed() throws Exception {
    String user = "{\"role\":\"user\",\"content\":\"x\"}";
    String calls =
        "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\","
            + "\"function\":{\"name\":\"bash\",\"arguments\":\"%s\"}}]}";
    String result = "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"r\"}";
    String good = calls.formatted("{}");
    List<String> invalid =
        List.of(
            "[]",
            "[" + user + "," + result + "]",
            "[" + user + "," + good + "]",
            "[" + user + "," + good + "," + user + "]",
            "[" + user + "," + good + "," + result + "," + result + "]",
            "[" + user + "," + calls.formatted("{") + "," + result + "]",
            "[" + user + ",{\"role\":\"assistant\"}]",
            "[" + user + ",{\"role\":\"assistant\",\"content\":\"\"}]");
    for (String messages : invalid) {
      try (RawSse answer = ask(request(messages))) {
        assertEquals(400, answer.status(), messages);
      }
    }
    assertEquals(invalid.size(), server.violations().size());
    try (RawSse answer = ask(request("[" + user + "," + good + "," + result + "]"))) {
      assertEquals(200, answer.status());
    }
  }

  @Test
  void aCutStreamHasNoProperEnd() throws Exception {
    server.enqueue(ModelAnswer.text("some words").with(ModelAnswer.Break.CUT, 2));
    try (RawSse answer = ask(request("[{\"role\":\"user\",\"content\":\"x\"}]"))) {
      assertTrue(answer.rest(SOON).size() <= 2);
      assertTrue(!answer.isComplete());
    }
  }

  private void assertRefused(String path, String body, String reason) throws Exception {
    try (RawSse answer = RawSse.post(URI.create(server.url() + path), Map.of(), body)) {
      assertEquals(400, answer.status());
      assertTrue(answer.bodyText(SOON).contains(reason), server.violations().toString());
    }
  }

  @Test
  void anthropicsWireIsStrictAboutRolesCallsAndIds() throws Exception {
    String head = "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[";
    String hi = "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}";
    String call =
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"b\","
            + "\"input\":{}}]}";
    String result =
        "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\"}]}";
    String path = "/v1/messages";
    assertRefused(path, "{\"model\":\"m\",\"messages\":[" + hi + "]}", "max_tokens");
    assertRefused(path, head + hi + "," + hi + "]}", "alternate");
    assertRefused(path, head + hi + "," + call + "," + hi + "]}", "without");
    assertRefused(path, head + hi + "," + call + "]}", "without");
    assertRefused(path, head + result + "]}", "unexpected");
    assertRefused(
        path,
        head + hi + "," + call + "," + result + "," + call + "," + result + "]}",
        "must be unique");
    try (RawSse answer =
        RawSse.post(
            URI.create(server.url() + path),
            Map.of(),
            head + hi + "," + call + "," + result + "],\"stream\":true}")) {
      assertEquals("message_stop", answer.rest(SOON).getLast().json().path("type").asText());
    }
  }

  @Test
  void ollamasWireWantsResultsByTheNameOfTheirTool() throws Exception {
    String head =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"\","
            + "\"tool_calls\":[{\"function\":{\"name\":\"b\",\"arguments\":{}}}]},";
    String path = "/api/chat";
    assertRefused(
        path, head + "{\"role\":\"tool\",\"tool_name\":\"c\",\"content\":\"\"}]}", "no open call");
    assertRefused(path, head + "{\"role\":\"user\",\"content\":\"x\"}]}", "without a result");
    server.install("n", 4096, "completion");
    try (RawSse answer =
        RawSse.post(URI.create(server.url() + path), Map.of(), "{\"model\":\"m\"}")) {
      assertEquals(404, answer.status());
    }
  }
}
