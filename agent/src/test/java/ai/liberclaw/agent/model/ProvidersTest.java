package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.ModelException.ErrorCode;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelAnswer.Break;
import ai.liberclaw.testkit.model.ModelServer;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every provider's wire. */
@Timeout(20)
class ProvidersTest {
  private static final String SENTENCE =
      "Grüße an die ganze Welt 🌍, der es gut geht. ".repeat(3).strip();
  private static final ToolDefinition BASH =
      new ToolDefinition("bash", "Runs a command", Json.object().put("type", "object"));
  private static final ModelRequest HELLO =
      new ModelRequest(
          List.of(new Message.System("Be kind."), new Message.User("Hello")), List.of(BASH));

  private final ModelServer server = ModelServer.start();
  private final Recorder heard = new Recorder();

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void textStreamsAndThinkingDoesNot(Providers provider) throws Exception {
    server.enqueue(ModelAnswer.text("<think>secret</think>" + SENTENCE).withWritesOf(3));
    Reply reply = provider.model(server).reply(HELLO, heard);
    assertEquals(SENTENCE, reply.text());
    assertEquals(SENTENCE, heard.text());
    assertTrue(heard.deltas.size() > 2);
    assertEquals(100, reply.usage().promptTokens());
    assertEquals(20, reply.usage().completionTokens());
    assertEquals(provider == Providers.OLLAMA ? null : 64, reply.usage().cachedTokens());
    assertEquals(provider.name().toLowerCase(Locale.ROOT), reply.provider());
    assertEquals("tiny", reply.model());
    assertEquals(List.of(), server.violations());
  }

  @ParameterizedTest
  @EnumSource
  void callsComeWithTheirArgumentsAndIdsOfTheirOwn(Providers provider) throws Exception {
    server.enqueue(
        ModelAnswer.textAndCalls(
            "So.",
            new ModelAnswer.Call("a", "bash", "{\"command\":\"echo ü🌍\"}"),
            new ModelAnswer.Call("a", "bash", "{}")));
    Reply reply = provider.model(server).reply(HELLO, heard);
    assertEquals("So.", reply.text());
    assertEquals(2, reply.toolCalls().size());
    assertEquals("{\"command\":\"echo ü🌍\"}", reply.toolCalls().get(0).arguments());
    assertEquals("{}", reply.toolCalls().get(1).arguments());
    assertFalse(reply.toolCalls().get(0).id().equals(reply.toolCalls().get(1).id()));
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerInOnePieceIsTaken(Providers provider) throws Exception {
    server.enqueue(
        ModelAnswer.textAndCalls("So.", new ModelAnswer.Call("a", "bash", "{\"a\":1}")).asJson());
    Reply reply = provider.model(server).reply(HELLO, heard);
    assertEquals("So.", reply.text());
    assertEquals("{\"a\":1}", reply.toolCalls().getFirst().arguments());
    assertEquals(100, reply.usage().promptTokens());
  }

  @ParameterizedTest
  @EnumSource
  void everyHistoryIsSentInAValidShape(Providers provider) throws Exception {
    Image dot = new Image("image/png", "iVBORw0KGgo=");
    List<ToolCall> calls =
        List.of(
            new ToolCall("functions.bash:0", "bash", "{\"command\":\"ls\"}"),
            new ToolCall("functions.bash:1", "no such tool!", "{\"cut"));
    ModelRequest request =
        new ModelRequest(
            List.of(
                new Message.System("Be kind."),
                new Message.Assistant("Earlier on.", List.of()),
                new Message.User("[Context update]\nToday"),
                new Message.User("Look", List.of(dot)),
                new Message.Assistant("", calls),
                new Message.Tool("functions.bash:0", "a.txt"),
                new Message.Tool("functions.bash:1", ""),
                new Message.User("[images of the tools]", List.of(dot)),
                new Message.Assistant("  ", calls.subList(0, 1)),
                new Message.Tool("functions.bash:0", "a \ud83d half"),
                new Message.User("And now?")),
            List.of(BASH));
    assertEquals("You said: And now?", provider.model(server).reply(request, heard).text());
    assertEquals(List.of(), server.violations());
  }

  @ParameterizedTest
  @EnumSource
  void brokenAnswersAreDiscardedAndAskedForAgain(Providers provider) throws Exception {
    for (Break how : List.of(Break.CUT, Break.ERROR, Break.MALFORMED)) {
      int before = server.requests().size();
      Recorder listener = new Recorder();
      server.enqueue(ModelAnswer.text(SENTENCE).with(how, 10), ModelAnswer.text(SENTENCE));
      assertEquals(SENTENCE, provider.model(server).reply(HELLO, listener).text(), how.name());
      assertEquals(SENTENCE, listener.text(), how.name());
      // A reset may overtake what was sent before it.
      assertTrue(listener.discards() == 1 || how == Break.CUT, how.name());
      assertEquals(2, server.requests().size() - before, how.name());
    }
  }

  @ParameterizedTest
  @EnumSource
  void busyAndBrokenServersAreAskedThreeTimesAndOthersOnce(Providers provider) {
    for (int status : List.of(429, 500, 529, 400, 401, 403, 404)) {
      int before = server.requests().size();
      boolean again = status == 429 || status >= 500;
      ModelAnswer refusal = ModelAnswer.error(status, "{\"error\":\"sk-secret http://inner\"}");
      server.enqueue(refusal);
      if (again) {
        server.enqueue(refusal, refusal);
      }
      HttpModel model = provider.model(server);
      ModelException failed = assertThrows(ModelException.class, () -> model.reply(HELLO, heard));
      ErrorCode code =
          switch (status) {
            case 429 -> ErrorCode.INFERENCE_RATE_LIMITED;
            case 401, 403 -> ErrorCode.INFERENCE_AUTH;
            case 400, 404 -> ErrorCode.INFERENCE_REJECTED;
            default -> ErrorCode.INFERENCE_UNAVAILABLE;
          };
      assertEquals(code, failed.code(), "status " + status);
      assertFalse(failed.userMessage().contains("sk-secret"));
      assertEquals(again ? 3 : 1, server.requests().size() - before, "status " + status);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallCutOffByTheTokenLimitIsMarked(Providers provider) throws Exception {
    server.enqueue(
        ModelAnswer.calls(new ModelAnswer.Call("a", "bash", "{\"command\":\"echo"))
            .withFinishReason("length"));
    ToolCall call = provider.model(server).reply(HELLO, heard).toolCalls().getFirst();
    // Ollama parses calls itself: what it sends is whole.
    assertEquals(provider != Providers.OLLAMA, call.cutOff());
  }

  @ParameterizedTest
  @EnumSource
  void aTooLongConversationIsToldApart(Providers provider) {
    server.enqueue(
        ModelAnswer.error(
            400,
            "{\"error\":{\"message\":\"prompt is too long: 210000 tokens > 200000 maximum\"}}"));
    HttpModel model = provider.model(server);
    ModelException failed = assertThrows(ModelException.class, () -> model.reply(HELLO, heard));
    assertEquals(ErrorCode.CONTEXT_OVERFLOW, failed.code());
  }
}
