package ai.liberclaw.core.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void asciiTextEscapesEveryOtherCharacter() {
    String text = "é\u0085\u2028\u2029\uFEFF\uD83E\uDD80\u0000\n\"\\/";
    String json = Json.writeAscii(Json.object().put("t", text));
    assertTrue(json.chars().allMatch(c -> c >= 0x20 && c < 0x7f), json);
    assertTrue(json.contains("\\u0085\\u2028\\u2029\\uFEFF\\uD83E\\uDD80"), json);
    assertEquals(text, Json.parse(json).get("t").textValue());
  }

  @Test
  void namesAreEscapedLikeValues() {
    String json = Json.writeAscii(Json.object().put("clé\u2028", 1));
    assertTrue(json.chars().allMatch(c -> c < 0x7f), json);
  }

  @Test
  void ordinaryTextKeepsItsCharacters() {
    assertEquals("{\"t\":\"é🦀\"}", Json.write(Json.object().put("t", "é🦀")));
    assertEquals(
        "{\"t\":\"é🦀\"}", new String(Json.writeBytes(Json.object().put("t", "é🦀")), UTF_8));
  }

  @Test
  void depthIsBounded() {
    int max = Json.DEPTH_MAX;
    Json.parse("[".repeat(max) + "]".repeat(max));
    assertThrows(JsonException.class, () -> Json.parse("[".repeat(max + 1) + "]".repeat(max + 1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "{} {}", "{}x", "{'a':1}", "[1,]", "NaN", "\"a", "tru"})
  void whatIsNotOneValueIsRefused(String text) {
    assertThrows(JsonException.class, () -> Json.parse(text));
    assertThrows(JsonException.class, () -> Json.parse(text.getBytes(UTF_8)));
  }

  @Test
  void theRefusalDoesNotRepeatTheText() {
    for (String text :
        new String[] {"sk-secret-1", "{\"k\": sk-secret-2}", "{\"a\":\"sk-secret-3"}) {
      JsonException e = assertThrows(JsonException.class, () -> Json.parse(text));
      assertFalse(String.valueOf(e.getMessage()).contains("secret"), e.getMessage());
    }
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    assertThrows(JsonException.class, () -> Json.parse(new byte[] {'"', (byte) 0xff, '"'}));
  }
}
