package ai.liberclaw.deploy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OfflineCompletionsTest {
  private static final String TOOLS =
      ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bash\"}}]";

  private final OfflineCompletions model = completions(Duration.ZERO);

  private static OfflineCompletions completions(Duration pause) {
    return new OfflineCompletions(pause, Clock.systemUTC());
  }

  @Test
  void aWholeAnswerSaysWhatItIsAndWhatWasSaid() throws IOException {
    JsonNode answer = whole(request("[{\"role\":\"user\",\"content\":\"Hello 🦀\"}]", ""));
    JsonNode choice = answer.path("choices").path(0);
    assertEquals("offline-demo", answer.path("model").asText());
    assertEquals("stop", choice.path("finish_reason").asText());
    String text = choice.path("message").path("content").asText();
    assertTrue(text.startsWith("[Offline demo model]") && text.contains("You said: Hello 🦀"));
    assertTrue(answer.path("usage").path("total_tokens").asLong() > 0);
  }

  @Test
  void aStreamGivesTheSameInPiecesThenUsageAndItsEnd() throws IOException {
    String messages =
        "[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\","
            + "\"text\":\"Hi\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:\"}}]}]";
    String whole =
        whole(request(messages, ""))
            .path("choices")
            .path(0)
            .path("message")
            .path("content")
            .asText();
    List<JsonNode> chunks =
        stream(request(messages, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk ->
        text.append(chunk.path("choices").path(0).path("delta").path("content").asText("")));
    assertEquals(whole, text.toString());
    assertTrue(whole.contains("1 pictures, which this demo cannot see"), whole);
    assertTrue(chunks.size() > 6);
    assertTrue(chunks.getLast().path("choices").isEmpty());
    assertTrue(chunks.getLast().path("usage").path("completion_tokens").asLong() > 1);
    assertEquals(
        "stop",
        chunks.get(chunks.size() - 2).path("choices").path(0).path("finish_reason").asText());
    long others =
        stream(request(messages, ",\"stream\":true")).stream().filter(c -> c.has("usage")).count();
    assertEquals(0, others);
  }

  @Test
  void toolsAreCalledAndTheirResultsReported() throws IOException {
    String asked = "{\"role\":\"user\",\"content\":\"/tool bash {\\\"command\\\":\\\"date\\\"}\"}";
    List<JsonNode> chunks = stream(request("[" + asked + "]", TOOLS + ",\"stream\":true"));
    JsonNode call =
        chunks.stream()
            .map(c -> c.path("choices").path(0).path("delta").path("tool_calls").path(0))
            .filter(c -> c.has("id"))
            .findFirst()
            .orElseThrow();
    assertEquals("bash", call.path("function").path("name").asText());
    assertEquals("{\"command\":\"date\"}", call.path("function").path("arguments").asText());
    assertEquals(0, call.path("index").asInt(-1));
    JsonNode first = whole(request("[" + asked + "]", TOOLS)).path("choices").path(0);
    assertEquals("tool_calls", first.path("finish_reason").asText());
    JsonNode message = first.path("message");
    String id = message.path("tool_calls").path(0).path("id").asText();
    String messages =
        "["
            + asked
            + ","
            + message
            + ",{\"role\":\"tool\",\"tool_call_id\":\""
            + id
            + "\",\"content\":\"Sunday\"}]";
    assertEquals(
        "[Offline demo model] The tools answered:\n\nbash {\"command\":\"date\"}\nSunday",
        whole(request(messages, TOOLS))
            .path("choices")
            .path(0)
            .path("message")
            .path("content")
            .asText());
  }

  @Test
  void anInterruptEndsAStreamThatIsBeingRead() throws Exception {
    byte[] body = request("[{\"role\":\"user\",\"content\":\"Hi\"}]", ",\"stream\":true");
    try (UpstreamAnswer answer = completions(Duration.ofMinutes(1)).answer(body)) {
      byte[] buffer = new byte[4096];
      assertTrue(answer.body().read(buffer) > 0, "the first comes at once");
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, () -> answer.body().readAllBytes());
      assertTrue(Thread.interrupted());
    }
  }

  private static byte[] request(String messages, String more) {
    return ("{\"model\":\"glm-4.7\",\"messages\":" + messages + more + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private JsonNode whole(byte[] request) throws IOException {
    try (UpstreamAnswer answer = model.answer(request)) {
      assertEquals("application/json", answer.mediaType());
      return Json.parse(answer.body().readAllBytes());
    }
  }

  /** Its events without the last, which is checked. */
  private List<JsonNode> stream(byte[] request) throws IOException {
    List<JsonNode> chunks = new ArrayList<>();
    try (UpstreamAnswer answer = model.answer(request)) {
      assertTrue(answer.streams());
      String text = new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
      String[] events = text.split("\n\n", -1);
      assertEquals("data: [DONE]", events[events.length - 2]);
      assertEquals("", events[events.length - 1]);
      for (int i = 0; i < events.length - 2; i++) {
        assertTrue(events[i].startsWith("data: "));
        chunks.add(Json.parse(events[i].substring("data: ".length())));
      }
    }
    return chunks;
  }
}
