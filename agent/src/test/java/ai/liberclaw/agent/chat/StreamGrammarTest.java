package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of a stream, as clients of the original read them. */
final class StreamGrammarTest {
  private static final Pattern PLAIN =
      Pattern.compile("(data: \\{\"type\":[\\x20-\\x7e]*\\}\n\n)+");
  private static final Pattern WITH_IDS =
      Pattern.compile("((id: [1-9][0-9]*\n)?data: \\{\"type\":[\\x20-\\x7e]*\\}\n\n)+");

  @TempDir Path folder;

  @Test
  void aPostStreamIsDataLinesOfAsciiAndNothingElse() throws IOException {
    try (TestAgent agent = TestAgent.start(folder);
        RawResponse stream = agent.say("c", "caf\u00e9 \u2028\u2029\u0085 \ud83d\ude00")) {
      assertEquals(200, stream.status());
      assertEquals(Optional.of("text/event-stream; charset=utf-8"), stream.header("Content-Type"));
      assertEquals(Optional.of("no-cache"), stream.header("Cache-Control"));
      assertEquals(Optional.of("no"), stream.header("X-Accel-Buffering"));
      assertEquals(Optional.of("chunked"), stream.header("Transfer-Encoding"));
      String bytes = stream.text();
      assertTrue(PLAIN.matcher(bytes).matches(), bytes);
      assertTrue(bytes.startsWith("data: {\"type\":\"keepalive\"}\n\n"), bytes);
      assertTrue(bytes.contains("caf\\u00E9 \\u2028\\u2029\\u0085 \\uD83D\\uDE00"), bytes);
      assertEquals(1, count(bytes, "\"type\":\"done\""));
      assertTrue(bytes.endsWith("}\n\n"), bytes);
    }
  }

  @Test
  void eventsOfATurnComeInOrderWithDenseNumbers() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      String message =
          "/tool write_file {\"path\":\"a.txt\",\"content\":\"x\"}\n"
              + "/tool send_file {\"path\":\"a.txt\",\"caption\":\"for you\"}";
      List<RawResponse.Event> events;
      try (RawResponse stream = agent.say("c", message)) {
        events = stream.events();
      }
      assertEquals(
          List.of("tool_use", "tool_result", "tool_use", "file", "tool_result", "text", "done"),
          events.stream().map(RawResponse.Event::type).toList());
      assertEquals(
          List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L),
          events.stream().map(RawResponse.Event::seq).toList());
      JsonNode use = events.get(0).json();
      assertEquals("write_file", use.path("name").asText());
      assertEquals("{\"path\":\"a.txt\",\"content\":\"x\"}", use.path("input").asText());
      assertEquals("a.txt", events.get(3).json().path("path").asText());
      assertEquals("for you", events.get(3).json().path("caption").asText());
      assertTrue(events.stream().allMatch(event -> event.id().isEmpty()));
    }
  }

  @Test
  void w37APostThatAsksForDeltasGetsThemAndIdsOnNumberedEventsOnly() throws IOException {
    try (TestAgent agent = TestAgent.start(folder)) {
      String body = Json.write(TestAgent.message("c", "hello").put("deltas", true));
      String bytes;
      try (RawResponse stream = agent.request("POST", "/chat", body)) {
        bytes = stream.text();
      }
      assertTrue(WITH_IDS.matcher(bytes).matches(), bytes);
      StringBuilder pieces = new StringBuilder();
      String whole = "";
      for (String event : bytes.strip().split("\n\n", -1)) {
        String[] lines = event.split("\n", -1);
        JsonNode json = Json.parse(lines[lines.length - 1].substring("data: ".length()));
        assertEquals(json.has("seq"), lines.length == 2, event);
        if (json.has("seq")) {
          assertEquals("id: " + json.path("seq").asLong(), lines[0]);
        }
        switch (json.path("type").asText()) {
          case "text_delta" -> pieces.append(json.path("content").asText());
          case "text" -> whole = json.path("content").asText();
          default -> {
            // The others are not about text.
          }
        }
      }
      assertEquals(whole, pieces.toString());
      assertTrue(count(bytes, "text_delta") > 1, bytes);
    }
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
