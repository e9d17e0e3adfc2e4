package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.Tables;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelAnswer.Break;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/** The clients that OpenAI and Anthropic publish, with nothing changed but address and key. */
@ExtendWith(Postgres.Extension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OfficialClientsIT {
  private TestGateway gateway;

  @BeforeAll
  void start(Postgres postgres) throws Exception {
    gateway = new TestGateway(postgres);
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
  }

  @Test
  void openAiStreams() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("Hello, streamed world! é 🦀"));
    JsonNode outcome = openAi("stream");
    assertEquals("Hello, streamed world! é 🦀", outcome.path("text").asText());
    assertTrue(outcome.path("events").asInt() > 4, outcome.toString());
    gateway.model.enqueue(ModelAnswer.text("Hello"));
    assertEquals(120, openAi("usage").path("total_tokens").asInt());
  }

  @Test
  void openAiGetsWholeAnswersToolCallsPicturesAndEmbeddings() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("All at once"));
    assertEquals("All at once", openAi("whole").path("text").asText());
    gateway.model.enqueue(ModelAnswer.call("weather", "{\"city\":\"Paris\"}"));
    JsonNode call = openAi("tools");
    assertEquals("weather", call.path("name").asText());
    assertEquals("{\"city\":\"Paris\"}", call.path("arguments").asText());
    assertTrue(openAi("picture").path("bytes").asInt() > 60);
    gateway.model.enqueue(ModelAnswer.text("A pixel"));
    assertEquals("A pixel", openAi("seeing").path("text").asText());
    assertTrue(
        gateway.model.lastRequest().messages().toString().contains("data:image/png;base64,"));
    assertEquals(-0.25, openAi("embedding").path("vector").path(1).asDouble());
    assertTrue(openAi("models").path("ids").toString().contains("\"test-model\""));
  }

  @Test
  void openAiUnderstandsErrors() throws Exception {
    JsonNode key = Json.parse(NpmClients.run("openai.mjs", "error", base("/v1"), "junk"));
    assertEquals("AuthenticationError", key.path("name").asText());
    gateway.model.enqueue(ModelAnswer.error(400, "{\"error\":{\"message\":\"bad temperature\"}}"));
    JsonNode bad = openAi("error");
    assertEquals("BadRequestError", bad.path("name").asText());
    assertTrue(bad.path("message").asText().contains("bad temperature"), bad.toString());
    gateway.model.enqueue(ModelAnswer.error(500, "{}"));
    gateway.second.enqueue(ModelAnswer.error(429, "{}"));
    assertEquals("RateLimitError", openAi("error").path("name").asText());
    gateway.model.enqueue(ModelAnswer.text("some text here").with(Break.ERROR, 3));
    JsonNode broken = openAi("streamError");
    assertTrue(broken.path("failed").asBoolean(), broken.toString());
    assertFalse(broken.toString().contains("worker 7"), broken.toString());
  }

  @Test
  void openAiCancels() throws Exception {
    gateway.model.enqueue(
        ModelAnswer.text("word ".repeat(2_000)).withChunkPause(Duration.ofMillis(20)));
    assertCancels(() -> assertEquals(3, openAi("cancel").path("events").asInt()));
  }

  @Test
  void anthropicStreamsCallsToolsAndCancels() throws Exception {
    gateway.model.enqueue(ModelAnswer.text("Hello, streamed world! é 🦀"));
    JsonNode streamed = anthropic("stream");
    assertEquals("Hello, streamed world! é 🦀", streamed.path("text").asText());
    assertTrue(streamed.path("deltas").asInt() > 1, streamed.toString());
    gateway.model.enqueue(ModelAnswer.text("All at once"));
    assertEquals("All at once", anthropic("whole").path("text").asText());
    gateway.model.enqueue(ModelAnswer.call("weather", "{\"city\":\"Paris\"}"));
    JsonNode call = anthropic("tools");
    assertEquals("weather", call.path("name").asText());
    assertEquals("Paris", call.path("input").path("city").asText());
    gateway.model.enqueue(
        ModelAnswer.text("word ".repeat(2_000)).withChunkPause(Duration.ofMillis(20)));
    assertCancels(() -> assertTrue(anthropic("cancel").path("events").asInt() >= 3));
  }

  @Test
  void anthropicUnderstandsErrors() throws Exception {
    JsonNode key = Json.parse(NpmClients.run("anthropic.mjs", "error", base("/anthropic"), "junk"));
    assertEquals("AuthenticationError", key.path("name").asText());
    gateway.model.enqueue(ModelAnswer.error(529, "{}"));
    JsonNode busy = anthropic("error");
    assertTrue(busy.path("status").asInt() >= 500, busy.toString());
  }

  /** The call's connection to the model is closed; those of earlier ones wait for the next. */
  private void assertCancels(Executable cancelling) throws Exception {
    int idle = gateway.model.openConnections();
    try {
      cancelling.execute();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    TestApi.await(
        Duration.ofSeconds(20),
        () ->
            gateway.api.sql().fetchCount(Tables.MODEL_CALLS) == 0
                && gateway.model.openConnections() <= Math.max(0, idle - 1));
  }

  private JsonNode openAi(String scenario) throws Exception {
    return Json.parse(NpmClients.run("openai.mjs", scenario, base("/v1"), gateway.token));
  }

  private JsonNode anthropic(String scenario) throws Exception {
    return Json.parse(NpmClients.run("anthropic.mjs", scenario, base("/anthropic"), gateway.token));
  }

  private String base(String path) {
    return gateway.api.uri("/inference" + path).toString();
  }
}
