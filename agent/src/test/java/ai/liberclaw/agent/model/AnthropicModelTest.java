package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.agent.model.ModelException.ErrorCode;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class AnthropicModelTest {
  private static final ModelRequest HELLO =
      new ModelRequest(
          List.of(
              new Message.System("Be kind."),
              new Message.User("Hello", List.of(new Image("image/png", "QUJD")))),
          List.of(new ToolDefinition("bash", "Runs a command", Json.object())));

  private final ModelServer server = ModelServer.start();
  private final HttpModel model = Providers.ANTHROPIC.model(server);

  @AfterEach
  void close() {
    server.close();
  }

  private Reply ask(ModelAnswer answer) throws Exception {
    server.enqueue(answer);
    return model.reply(HELLO, ReplyListener.silent());
  }

  @Test
  void theRequestIsTheMessagesApisWithMarksForItsCache() throws Exception {
    ask(ModelAnswer.text("x"));
    ModelServer.Request request = server.lastRequest();
    assertEquals("/v1/messages", request.path());
    assertEquals("sk-secret", request.headers().get("x-api-key"));
    assertEquals("2023-06-01", request.headers().get("anthropic-version"));
    String mark = ",\"cache_control\":{\"type\":\"ephemeral\"}}]";
    assertEquals(
        "{\"model\":\"tiny\",\"max_tokens\":4096,\"stream\":true,"
            + "\"system\":[{\"type\":\"text\",\"text\":\"Be kind.\""
            + mark
            + ",\"tools\":[{\"name\":\"bash\",\"description\":\"Runs a command\","
            + "\"input_schema\":{\"type\":\"object\"}"
            + mark
            + ",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"},"
            + "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
            + "\"data\":\"QUJD\"}"
            + mark
            + "}]}",
        Json.write(request.body()));
  }

  @Test
  void unknownKindsAreIgnored() throws Exception {
    Reply reply =
        ask(
            ModelAnswer.chunks(
                "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5}}}",
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"new\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"new_delta\"}}",
                "{\"type\":\"something\"}",
                "{\"type\":\"content_block_delta\",\"index\":1,"
                    + "\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}"));
    assertEquals("hi", reply.text());
    assertEquals(new Usage(5, null, null), reply.usage());
  }

  @Test
  void arefusalIsNoAnswer() {
    ModelException failed =
        assertThrows(
            ModelException.class, () -> ask(ModelAnswer.text("I").withFinishReason("refusal")));
    assertEquals(ErrorCode.INFERENCE_REJECTED, failed.code());
  }

  @Test
  void errorsOfTheStreamSayWhatTheyAre() {
    ModelAnswer limited =
        ModelAnswer.chunks("{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"}}");
    server.enqueue(limited, limited);
    ModelException failed = assertThrows(ModelException.class, () -> ask(limited));
    assertEquals(ErrorCode.INFERENCE_RATE_LIMITED, failed.code());
    assertEquals(3, server.requests().size());
  }

  @Test
  void conflictsAndSlowRequestsAreTriedAgain() throws Exception {
    server.enqueue(ModelAnswer.error(409, "{}"), ModelAnswer.error(408, "{}"));
    assertEquals("ok", ask(ModelAnswer.text("ok")).text());
  }
}
