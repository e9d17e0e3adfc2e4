package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Token-wise JSON for the wire: no tree is built for a delta of some characters. */
final class JsonText {
  private static final JsonFactory FACTORY =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(Json.DEPTH_MAX).build())
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .build()
          .getFactory();

  private JsonText() {}

  static JsonParser parser(byte[] utf8, int length) throws IOException {
    return FACTORY.createParser(utf8, 0, length);
  }

  static JsonGenerator generator(OutputStream out) throws IOException {
    return FACTORY.createGenerator(out);
  }

  /**
   * A whole document.
   *
   * @throws IOException when it is not exactly one JSON object
   */
  static ObjectNode object(byte[] utf8, int length) throws IOException {
    try (JsonParser parser = parser(utf8, length)) {
      if (parser.readValueAsTree() instanceof ObjectNode object && parser.nextToken() == null) {
        return object;
      }
      throw new IOException("not a JSON object");
    }
  }

  /** The object that the text is; empty when it is anything else. */
  static Optional<ObjectNode> object(String text) {
    byte[] utf8 = wellFormed(text).getBytes(StandardCharsets.UTF_8);
    try {
      return Optional.of(object(utf8, utf8.length));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** Whether the text is exactly one JSON value. */
  static boolean isValid(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException _) {
      return false;
    }
  }

  /** The text with each half of a surrogate pair that stands alone replaced; UTF-8 has none. */
  static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return replaceLoneSurrogates(text);
        }
        i++;
      }
    }
    return text;
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }
}
