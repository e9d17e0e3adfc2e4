package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OpenAiModelTest {
  private static final ModelRequest HELLO =
      new ModelRequest(
          List.of(new Message.System("Be kind."), new Message.User("Hello")),
          List.of(new ToolDefinition("bash", "Runs a command", Json.object())));

  private final ModelServer server = ModelServer.start();
  private final Recorder heard = new Recorder();
  private final Model model =
      new HttpModel(
          new OpenAiWire(server.baseUrl(), "sk-secret", "tiny"),
          "tiny",
          new Patience(Duration.ofSeconds(10), Duration.ofSeconds(5), 0, Duration.ofMillis(1)));

  @AfterEach
  void close() {
    server.close();
  }

  private Reply ask(ModelAnswer answer) throws Exception {
    server.enqueue(answer);
    return model.reply(HELLO, heard);
  }

  @Test
  void streamsTextInPiecesAndTellsUsage() throws Exception {
    Reply reply = ask(ModelAnswer.text("Grüße an die ganze Welt 🌍!"));
    assertEquals("Grüße an die ganze Welt 🌍!", reply.text());
    assertEquals(reply.text(), heard.text());
    assertTrue(heard.deltas.size() > 2);
    assertEquals(new Usage(100, 64, 20), reply.usage());
  }

  @Test
  void asksForAStreamWithTheKeyAndTools() throws Exception {
    ask(ModelAnswer.text("x"));
    ModelServer.Request request = server.lastRequest();
    assertEquals("Bearer sk-secret", request.headers().get("authorization"));
    assertEquals(
        "{\"model\":\"tiny\",\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},"
            + "{\"role\":\"user\",\"content\":\"Hello\"}],\"tools\":[{\"type\":\"function\","
            + "\"function\":{\"name\":\"bash\",\"description\":\"Runs a command\",\"parameters\":{}}}],"
            + "\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
        Json.write(request.body()));
  }

  @Test
  void noToolsMeansNoToolsField() throws Exception {
    model.reply(new ModelRequest(HELLO.messages(), List.of()), heard);
    assertFalse(server.lastRequest().body().has("tools"));
  }

  @Test
  void bytesCutAnywhereAndCrlfChangeNothing() throws Exception {
    Reply reply = ask(ModelAnswer.text("Grüße 🌍 an alle").withCrlf().withWritesOf(1));
    assertEquals("Grüße 🌍 an alle", reply.text());
  }

  @Test
  void doneIsOptionalAfterAFinishReason() throws Exception {
    assertEquals("fine", ask(ModelAnswer.text("fine").withoutDone()).text());
  }

  @Test
  void aBodyWithoutFramingEndsWithTheConnection() throws Exception {
    assertEquals("fine", ask(ModelAnswer.text("fine").withoutFraming()).text());
  }

  @Test
  void aWholeCompletionInsteadOfAStreamIsTaken() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.textAndCalls(
                    "so", new ModelAnswer.Call("a", "bash", "{\"command\":\"ls\"}"))
                .asJson());
    assertEquals("so", reply.text());
    assertEquals("so", heard.text());
    assertEquals(List.of(new ToolCall("a", "bash", "{\"command\":\"ls\"}")), reply.toolCalls());
  }

  @Test
  void contentInPartsIsFlattened() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.completion(
                """
                {"choices":[{"message":{"content":[{"type":"text","text":"one "},"two ",
                {"type":"reasoning","text":"hidden"},{"text":"three"}]},"finish_reason":"stop"}]}\
                """));
    assertEquals("one two three", reply.text());
  }

  @Test
  void reasoningIsNeverPassedOn() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.chunks(
                delta("{\"reasoning_content\":\"hm\"}"),
                delta("{\"content\":\"<th\"}"),
                delta("{\"content\":\"ink>secret</thi\"}"),
                delta("{\"content\":\"nk>\\n\\nA < B\"}"),
                delta("{\"content\":\" <thi\"}"),
                delta("{\"content\":\"s>\"}"),
                finish("stop")));
    assertEquals("A < B <this>", reply.text());
    assertEquals("A < B <this>", heard.text());
  }

  @Test
  void callsComeTogetherFromOddFragments() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.calls(
                    new ModelAnswer.Call("c1", "bash", "{\"command\":\"echo \\\"ü\\\\n🌍\\\"\"}"),
                    new ModelAnswer.Call("c2", "read_file", "{\"path\":\"a.txt\"}"))
                .withOddCalls()
                .withWritesOf(7));
    assertEquals(
        List.of(
            new ToolCall("c1", "bash", "{\"command\":\"echo \\\"ü\\\\n🌍\\\"\"}"),
            new ToolCall("c2", "read_file", "{\"path\":\"a.txt\"}")),
        reply.toolCalls());
  }

  @Test
  void callsWithoutIndexGoByIdAndOrder() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.chunks(
                calls("{\"id\":\"x\",\"function\":{\"name\":\"a\",\"arguments\":\"{\\\"n\\\":\"}}"),
                calls("{\"function\":{\"arguments\":\"1}\"}}"),
                calls("{\"id\":\"y\",\"function\":{\"name\":\"b\",\"arguments\":{\"n\":[2]}}}"),
                calls("{\"function\":{\"name\":\"c\"}}"),
                calls("{\"id\":\"z\"}"),
                finish("tool_calls")));
    assertEquals(
        List.of(
            new ToolCall("x", "a", "{\"n\":1}"),
            new ToolCall("y", "b", "{\"n\":[2]}"),
            new ToolCall("z", "c", "{}")),
        reply.toolCalls());
  }

  @Test
  void aSecondIdUnderOneIndexIsASecondCall() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.chunks(
                calls(
                    "{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}}"),
                calls(
                    "{\"index\":0,\"id\":\"y\",\"function\":{\"name\":\"b\",\"arguments\":\"{}\"}}"),
                finish("tool_calls")));
    assertEquals(
        List.of(new ToolCall("x", "a", "{}"), new ToolCall("y", "b", "{}")), reply.toolCalls());
  }

  @Test
  void missingAndDuplicateIdsAreReplaced() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.completion(
                """
                {"choices":[{"message":{"content":null,"tool_calls":[
                {"id":"same","function":{"name":"a","arguments":"{}"}},
                {"id":"same","function":{"name":"b","arguments":"{}"}},
                {"function":{"name":"c","arguments":""}}]},"finish_reason":"tool_calls"}]}\
                """));
    List<String> ids = reply.toolCalls().stream().map(ToolCall::id).toList();
    assertEquals("same", ids.getFirst());
    assertEquals(3, ids.stream().distinct().count());
    assertNotEquals("", ids.getLast());
    assertEquals("{}", reply.toolCalls().getLast().arguments());
  }

  @Test
  void aCallCutByTheTokenLimitIsMarked() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.calls(
                    new ModelAnswer.Call("a", "bash", "{}"),
                    new ModelAnswer.Call("b", "write_file", "{\"path\":\"x\",\"content\":\"lon"))
                .withFinishReason("length"));
    assertFalse(reply.toolCalls().getFirst().cutOff());
    assertTrue(reply.toolCalls().getLast().cutOff());
    assertEquals("{\"path\":\"x\",\"content\":\"lon", reply.toolCalls().getLast().arguments());
  }

  @Test
  void anEmptyReplyIsReturnedAsItIs() throws Exception {
    assertTrue(ask(ModelAnswer.empty()).isEmpty());
  }

  @Test
  void invalidArgumentsGoUpstreamAsAnEmptyObjectAndLoneSurrogatesAsReplacement() throws Exception {
    model.reply(
        new ModelRequest(
            List.of(
                new Message.User("go \ud83c"),
                new Message.Assistant(
                    "",
                    List.of(
                        new ToolCall("a", "bash", "{broken"), new ToolCall("b", "bash", "[ 1 ]"))),
                new Message.Tool("a", "error"),
                new Message.Tool("b", "error")),
            List.of()),
        heard);
    assertEquals(
        "[{\"role\":\"user\",\"content\":\"go \ufffd\"},{\"role\":\"assistant\",\"tool_calls\":["
            + "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"bash\",\"arguments\":\"{}\"}},"
            + "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"bash\",\"arguments\":\"[ 1 ]\"}}]},"
            + "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"error\"},"
            + "{\"role\":\"tool\",\"tool_call_id\":\"b\",\"content\":\"error\"}]",
        Json.write(server.lastRequest().messages()));
    assertEquals(List.of(), server.violations());
  }

  @Test
  void connectionsAreUsedAgain() throws Exception {
    for (int i = 0; i < 5; i++) {
      ask(ModelAnswer.text("again"));
    }
    assertTrue(server.connections() <= 2, server.connections() + " connections");
  }

  private static String delta(String delta) {
    return "{\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}";
  }

  private static String calls(String call) {
    return delta("{\"tool_calls\":[" + call + "]}");
  }

  private static String finish(String reason) {
    return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";
  }
}
