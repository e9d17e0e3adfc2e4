package ai.liberclaw.api.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.inference.EventReader.Sort;
import ai.liberclaw.core.sse.SseWatch;
import ai.liberclaw.deploy.budget.TokenUsage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EventRunsTest {
  /** Gives so many bytes at a time. */
  private static InputStream slowly(byte[] bytes, int step) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] to, int offset, int length) {
        return super.read(to, offset, Math.min(step, length));
      }
    };
  }

  private static List<String> events(String text, int step) throws IOException {
    EventRuns runs = new EventRuns(slowly(bytes(text), step), 1 << 20, new SseWatch().slice());
    List<String> events = new ArrayList<>();
    while (runs.fill()) {
      int from = runs.start();
      for (int end = runs.next(); end >= 0; end = runs.next()) {
        events.add(new String(runs.copy(from, end), StandardCharsets.UTF_8));
        from = end;
      }
    }
    int from = runs.start();
    int to = runs.rest();
    if (to > from) {
      events.add("rest " + new String(runs.copy(from, to), StandardCharsets.UTF_8));
    }
    return events;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void eventsAreFoundWhateverPiecesTheyComeIn() throws IOException {
    String text = "data: a\n\n: note\n\nevent: x\ndata: é\ndata: b\n\ndata: [DONE]\n\n";
    List<String> whole = events(text, 1 << 20);
    assertEquals(
        List.of("data: a\n\n", ": note\n\n", "event: x\ndata: é\ndata: b\n\n", "data: [DONE]\n\n"),
        whole);
    for (int step = 1; step < 12; step++) {
      assertEquals(whole, events(text, step), "step " + step);
    }
  }

  @Test
  void everyLineEndOfTheStandardIsOne() throws IOException {
    assertEquals(
        List.of("data: a\r\n\r\n", "data: b\r\r", "data: c\n\n"),
        events("data: a\r\n\r\ndata: b\r\rdata: c\n\n", 1 << 20));
    String joined = String.join("", events("data: a\r\n\r\ndata: b\r\n\r\n", 1));
    // The last half of a line's end may come after its event.
    assertEquals("data: a\r\n\r\ndata: b\r\n\r\n", joined.replace("rest ", ""));
  }

  @Test
  void whatHasNoEndIsKeptAndBounded() throws IOException {
    assertEquals(
        List.of("data: a\n\n", "rest data: [DONE]\n"), events("data: a\n\ndata: [DONE]\n", 3));
    EventRuns runs =
        new EventRuns(new ByteArrayInputStream(new byte[200_000]), 50_000, new SseWatch().slice());
    assertThrows(
        EventRuns.TooLargeException.class,
        () -> {
          while (runs.fill()) {
            int _ = runs.next();
          }
        });
  }

  @Test
  void aLargeEventPasses() throws IOException {
    String large = "data: " + "x".repeat(300_000) + "\n\n";
    assertEquals(List.of(large, "data: y\n\n"), events(large + "data: y\n\n", 7_000));
  }

  private static Sort sort(EventReader reader, String event) {
    return reader.see(bytes(event), 0, bytes(event).length);
  }

  @Test
  void openAisEventsAreToldApart() {
    EventReader reader = new EventReader.OfOpenAi(true);
    assertEquals(Sort.PASSES, sort(reader, ": comment\n\n"));
    assertEquals(
        Sort.PASSES,
        sort(reader, "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{\"}}]}\n\n"));
    assertEquals(Optional.empty(), reader.usage());
    String usage =
        "data: {\"choices\": [], \"usage\": {\"prompt_tokens\": 9, \"completion_tokens\": 4,"
            + " \"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\n";
    assertEquals(Sort.HIDDEN, sort(reader, usage));
    assertEquals(Optional.of(new TokenUsage(9, 3, 4)), reader.usage());
    assertEquals(Sort.PASSES, sort(new EventReader.OfOpenAi(false), usage));
    assertEquals(Sort.FAILED, sort(reader, "data: {\"error\":{\"message\":\"x\"}}\n\n"));
    assertEquals(Sort.LAST, sort(reader, "data:[DONE]\n\n"));
  }

  @Test
  void anthropicsUsageIsTheSumOfItsParts() {
    EventReader reader = new EventReader.OfAnthropic();
    assertEquals(
        Sort.PASSES,
        sort(
            reader,
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{"
                + "\"input_tokens\":10,\"cache_read_input_tokens\":100,"
                + "\"cache_creation_input_tokens\":40,\"output_tokens\":1}}}\n\n"));
    assertEquals(
        Sort.PASSES,
        sort(
            reader,
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{"
                + "\"output_tokens\":25}}\n\n"));
    assertEquals(Sort.LAST, sort(reader, "data: {\"type\": \"message_stop\"}\n\n"));
    assertEquals(Optional.of(new TokenUsage(160, 100, 25)), reader.usage());
    assertEquals(Sort.FAILED, sort(reader, "event: error\ndata: {\"type\":\"error\"}\n\n"));
  }

  @Test
  void tokensAreEstimatedFromTheLengthOfEvents() {
    EventReader reader = new EventReader.OfOpenAi(true);
    assertEquals(Sort.PASSES, sort(reader, "data: {}\n\n"));
    assertEquals(1, reader.tokens(0, 100));
    assertEquals(11, reader.tokens(0, 140));
    assertTrue(reader.tokens(0, 90) >= 1);
  }
}
