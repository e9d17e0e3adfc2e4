package ai.liberclaw.api.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTypeTest {
  private static final int CHANGES = 200_000;
  private static final String UNTYPED = "(none)";

  /** Between them every part of the grammar. */
  private static final List<String> EVENTS =
      List.of(
          "{\"type\":\"text\",\"content\":\"a\\nb \\u00e9 \\\"c\\\"\"}",
          "{ \"name\" : \"bash\", \"input\" : {\"a\":[1,-2.5e+3,0.1,[],{}],\"b\":null},"
              + " \"type\":\"tool_use\"}",
          "{\"type\":\"usage\",\"tokens\":{\"in\":10,\"out\":2E-1},\"ok\":true,\"no\":false}",
          "{\"type\":{\"type\":\"text\"},\"x\":[\"type\",\"done\"]}",
          "{\"type\":\"done\",\"type\":\"error\"}",
          "{}",
          "{\"ty\\u0070e\":\"text\"}",
          "{\"type\":\"te\\u0078t\"}",
          "{\"type\":\"text\",\"content\":\"Grüße 🙂\"}");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "\"text\"",
        "{\"type\":\"text\"",
        "{\"type\":\"text\"}}",
        "{\"type\":\"text\",}",
        "{\"type\":\"text\"} {}",
        "{\"type\":text}",
        "{\"type\":\"text\",\"n\":01}",
        "{\"type\":\"text\",\"n\":1.}",
        "{\"type\":\"text\",\"n\":tru}",
        "{\"type\":\"text\",\"n\":\"\\x\"}",
        "{\"type\":\"text\",\"n\":\"\\u12g4\"}",
        "{\"type\":\"text\",\"n\":\"\t\"}",
        "{'type':'text'}",
      })
  void whatIsNoObjectHasNoType(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    assertEquals(EventType.INVALID, EventType.of(bytes, bytes.length));
  }

  @Test
  void ordinaryEventsNeedNoParser() {
    List<String> types = EVENTS.subList(0, 6).stream().map(EventTypeTest::scanned).toList();
    assertEquals(List.of("text", "tool_use", "usage", UNTYPED, "error", UNTYPED), types);
  }

  @Test
  void onlyTheBytesThatCountAreRead() {
    byte[] bytes =
        "{\"type\":\"text\"}, and what an earlier event left".getBytes(StandardCharsets.UTF_8);
    assertEquals("text", EventType.of(bytes, 15));
  }

  @Test
  void deepEventsAreLeftToTheParser() {
    assertEquals("text", scanned(deep(40)));
    assertNull(scanned(deep(60)));
    assertEquals("text", type(deep(60)));
    assertEquals(EventType.INVALID, type(deep(100_000)));
  }

  /** Whatever is changed in an event: where the scan gives an answer, it is the parser's. */
  @Test
  void theScanSaysNothingThatTheParserDoesNot() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int answers = 0;
    for (int i = 0; i < CHANGES; i++) {
      byte[] json = changed(random);
      String scanned = EventScan.type(json, json.length, UNTYPED);
      if (scanned != null) {
        answers++;
        String text = new String(json, StandardCharsets.UTF_8);
        assertEquals(EventType.parsed(json, json.length), scanned, () -> text + " seed " + seed);
      }
    }
    assertTrue(answers > CHANGES / 20, answers + " answers, seed " + seed);
  }

  private static byte[] changed(Random random) {
    byte[] json = EVENTS.get(random.nextInt(EVENTS.size())).getBytes(StandardCharsets.UTF_8);
    byte[] alphabet = "{}[]\",:\\ut0e1.-+ /\n\u0001é".getBytes(StandardCharsets.UTF_8);
    for (int changes = random.nextInt(3); changes > 0 && json.length > 1; changes--) {
      int at = random.nextInt(json.length);
      switch (random.nextInt(4)) {
        case 0 -> json[at] = alphabet[random.nextInt(alphabet.length)];
        case 1 -> {
          System.arraycopy(json, at + 1, json, at, json.length - at - 1);
          json = Arrays.copyOf(json, json.length - 1);
        }
        case 2 -> {
          byte[] longer = new byte[json.length + 1];
          System.arraycopy(json, 0, longer, 0, at);
          longer[at] = alphabet[random.nextInt(alphabet.length)];
          System.arraycopy(json, at, longer, at + 1, json.length - at);
          json = longer;
        }
        default -> json = Arrays.copyOf(json, at + 1);
      }
    }
    return json;
  }

  private static String deep(int depth) {
    return "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + ",\"type\":\"text\"}";
  }

  private static String type(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return EventType.of(bytes, bytes.length);
  }

  private static @Nullable String scanned(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return EventScan.type(bytes, bytes.length, UNTYPED);
  }
}
