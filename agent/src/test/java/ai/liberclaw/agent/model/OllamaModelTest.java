package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OllamaModelTest {
  private static final ToolDefinition BASH =
      new ToolDefinition("bash", "Runs a command", Json.object().put("type", "object"));
  private static final ModelRequest HELLO =
      new ModelRequest(
          List.of(new Message.User("Hello", List.of(new Image("image/png", "QUJD")))),
          List.of(BASH));

  private final ModelServer server = ModelServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  private HttpModel model(OptionalInt context) {
    return model(Providers.ollama(server), context);
  }

  private static HttpModel model(OllamaSettings settings, OptionalInt context) {
    return new HttpModel(new OllamaWire(settings, "tiny", context), "tiny", Providers.QUICK);
  }

  private String asked(HttpModel model) throws Exception {
    server.enqueue(ModelAnswer.text("x"));
    assertEquals("x", model.reply(HELLO, ReplyListener.silent()).text());
    return Json.write(server.lastRequest().body());
  }

  @Test
  void theRequestIsOllamasOwn() throws Exception {
    server.install("tiny", 131_072, "completion", "tools", "vision");
    assertEquals(
        "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\","
            + "\"images\":[\"QUJD\"]}],\"tools\":[{\"type\":\"function\",\"function\":{"
            + "\"name\":\"bash\",\"description\":\"Runs a command\","
            + "\"parameters\":{\"type\":\"object\"}}}],\"stream\":true,"
            + "\"options\":{\"num_ctx\":16384},\"keep_alive\":\"5m\"}",
        asked(model(OptionalInt.empty())));
  }

  @Test
  void theContextIsTheOwnersButNoLongerThanTheModels() throws Exception {
    server.install("tiny", 32_768, "tools");
    assertTrue(asked(model(OptionalInt.of(20_000))).contains("\"num_ctx\":20000"));
    HttpModel long1 = model(OptionalInt.of(1_000_000));
    assertEquals(OptionalInt.of(32_768), long1.windowTokens());
    assertTrue(asked(long1).contains("\"num_ctx\":32768"));
  }

  @Test
  void secondsToKeepTheModelAreANumber() throws Exception {
    OllamaSettings settings = new OllamaSettings(server.url(), "", "-1", 16_384, 1, false);
    assertTrue(asked(model(settings, OptionalInt.empty())).contains("\"keep_alive\":-1"));
  }

  @Test
  void toolsAreNotOfferedToAModelWithoutThem() throws Exception {
    server.install("tiny", 8_192, "completion");
    HttpModel known = model(OptionalInt.empty());
    assertEquals(Optional.of(false), known.sees());
    assertFalse(asked(known).contains("\"tools\""));
  }

  @Test
  void aServerThatComesUpLaterIsAskedThen() throws Exception {
    OllamaSettings nobody = new OllamaSettings("http://127.0.0.1:1", "", "5m", 16_384, 1, false);
    HttpModel absent = model(nobody, OptionalInt.empty());
    assertEquals(Optional.empty(), absent.sees());
    ModelException failed =
        assertThrows(ModelException.class, () -> absent.reply(HELLO, ReplyListener.silent()));
    assertEquals(ModelException.ErrorCode.INFERENCE_UNAVAILABLE, failed.code());
  }

  @Test
  void aServerThatRefusesToolsIsAskedWithout() throws Exception {
    server.respond(request ->
        request.has("tools")
            ? ModelAnswer.error(400, "{\"error\":\"tiny does not support tools\"}")
            : ModelAnswer.text("plain"));
    HttpModel model = model(OptionalInt.empty());
    assertEquals("plain", model.reply(HELLO, ReplyListener.silent()).text());
    assertEquals("plain", model.reply(HELLO, ReplyListener.silent()).text());
    assertEquals(3, server.requests().size());
  }

  @Test
  void aMissingModelIsToldWithTheWayToGetIt() {
    server.install("llama3.2:latest", 8_192, "tools");
    HttpModel model = model(OptionalInt.empty());
    ModelException failed =
        assertThrows(ModelException.class, () -> model.reply(HELLO, ReplyListener.silent()));
    assertTrue(failed.userMessage().contains("ollama pull tiny"), failed.userMessage());
    assertTrue(failed.userMessage().contains("llama3.2:latest"), failed.userMessage());
  }

  @Test
  void theModelIsLoadedAtStartWhenTheOwnerWantsIt() {
    new OllamaWire(Providers.ollama(server), "tiny", OptionalInt.empty()).preload();
    Await.until("a request", Duration.ofSeconds(5), () -> !server.requests().isEmpty());
    assertEquals(0, server.lastRequest().messages().size());
    assertEquals(16_384, server.lastRequest().body().at("/options/num_ctx").asInt());
  }
}
