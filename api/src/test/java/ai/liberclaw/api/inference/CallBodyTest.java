package ai.liberclaw.api.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.error.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CallBodyTest {
  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static String with(String json, String asked, long tokens, boolean usage) {
    OptionalLong bound = tokens == 0 ? OptionalLong.empty() : OptionalLong.of(tokens);
    return new String(
        CallBody.of(bytes(json)).with(asked, bound, "max_tokens", usage), StandardCharsets.UTF_8);
  }

  @Test
  void whatNeedNotChangeGoesOnAsItCame() {
    byte[] odd =
        bytes("{ \"x\" : 1.50e3, \"model\":\"m\",\n\"messages\":[{\"é\":\"\\u00e9 🦀\"}]}");
    assertSame(odd, CallBody.of(odd).with("m", OptionalLong.empty(), "max_tokens", true));
  }

  @Test
  void onlyTheGatewaysFieldsAreReplaced() {
    assertEquals(
        "{\"max_tokens\":5,\"stream_options\":{\"include_usage\":true},"
            + "\"model\": \"own \\\"name\" ,\"stream\":true,\"z\":[1, 2]}",
        with("{\"model\": \"m\" ,\"stream\":true,\"z\":[1, 2]}", "own \"name", 5, true));
    assertEquals(
        "{\"model\":\"m\",\"max_completion_tokens\":5}",
        with("{\"model\":\"m\",\"max_completion_tokens\":900}", "m", 5, true));
    assertEquals(
        "{\"model\":\"m\",\"max_tokens\":4}",
        with("{\"model\":\"m\",\"max_tokens\":4}", "m", 5, true));
    assertEquals(
        "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}",
        with(
            "{\"stream\":true,\"stream_options\":{\"include_usage\":false},\"model\":\"m\"}",
            "m",
            0,
            true));
  }

  @Test
  void whatIsAskedIsRead() {
    CallBody body =
        CallBody.of(
            bytes(
                "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}},"
                    + "{\"type\":\"text\",\"text\":\"\\\"image_url\\\":\"}]}],\"model\":\"m\","
                    + "\"n\":3,\"max_tokens\":7,\"stream\":true,"
                    + "\"stream_options\":{\"include_usage\":true}}"));
    assertEquals("m", body.model());
    assertEquals(3, body.choices());
    assertEquals(1, body.pictures());
    assertEquals(OptionalLong.of(7), body.answerTokens());
    assertTrue(body.streams());
    assertTrue(body.usageAsked());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"cheap\",\"model\":\"dear\"}",
        "{\"model\":\"cheap\",\"mod\\u0065l\":\"dear\"}",
        "{\"model\":\"m\",\"max_tokens\":1,\"max_completion_tokens\":9}",
        "{\"model\":\"m\",\"max_tokens\":99999999999999999999}",
        "{\"model\":\"m\",\"max_tokens\":\"7\"}",
        "{\"model\":\"m\",\"n\":0}",
        "{\"model\":\"m\",\"stream\":\"yes\"}",
        "{\"model\":\"m\"} {\"model\":\"n\"}",
        "{\"model\":\"\"}",
        "{\"messages\":[]}",
        "[1]",
        "{\"model\":\"m\",\"a\":[",
      })
  void whatCouldBeReadInTwoWaysIsRefused(String json) {
    assertEquals(400, assertThrows(Refusal.class, () -> CallBody.of(bytes(json))).status());
  }

  @Test
  void otherEncodingsAreRefused() {
    byte[] wide = "{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_16LE);
    assertEquals(400, assertThrows(Refusal.class, () -> CallBody.of(wide)).status());
  }
}
