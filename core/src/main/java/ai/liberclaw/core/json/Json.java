package ai.liberclaw.core.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads and writes JSON trees. Input deeper than {@link #DEPTH_MAX} is refused. */
public final class Json {
  /** Levels of nesting a document may have. */
  public static final int DEPTH_MAX = 100;

  /** Characters one string may have; bodies are bounded in bytes before they come here. */
  public static final int STRING_LENGTH_MAX = 64 * 1024 * 1024;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  // Else each virtual thread keeps buffers of its own.
                  .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH_MAX)
                          .maxStringLength(STRING_LENGTH_MAX)
                          .build())
                  // Where a document is wrong is told by its offset; its text is nobody's business.
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  // Else bytes, unlike text, would escape every character outside the BMP.
                  .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                  .build())
          .build();
  private static final ObjectReader READER =
      MAPPER.readerFor(JsonNode.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final ObjectWriter WRITER = MAPPER.writer();
  private static final ObjectWriter ASCII_WRITER =
      MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);
  private static final ObjectWriter PRETTY_WRITER = MAPPER.writerWithDefaultPrettyPrinter();

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /**
   * Parses text.
   *
   * @throws JsonException when the text is not exactly one JSON value
   */
  public static JsonNode parse(String text) {
    try {
      return present(READER.readTree(text));
    } catch (JsonProcessingException e) {
      throw JsonException.of(e);
    }
  }

  /**
   * Parses UTF-8 bytes.
   *
   * @throws JsonException when they are not exactly one JSON value
   */
  public static JsonNode parse(byte[] utf8) {
    try {
      return present(READER.readTree(utf8));
    } catch (JsonProcessingException e) {
      throw JsonException.of(e);
    } catch (IOException e) {
      throw new JsonException("invalid UTF-8", 0);
    }
  }

  /**
   * A parser of UTF-8 bytes for what is too large for a tree. Its locations count bytes from 0.
   *
   * @throws JsonException when the bytes are in another encoding
   */
  public static JsonParser parser(byte[] utf8) {
    try {
      JsonParser parser = MAPPER.createParser(utf8);
      if (parser.currentLocation().getByteOffset() < 0) {
        throw new JsonException("not UTF-8", 0);
      }
      return parser;
    } catch (IOException e) {
      throw new JsonException("not UTF-8", 0);
    }
  }

  /** Compact text, non-ASCII as it is. */
  public static String write(JsonNode node) {
    return write(WRITER, node);
  }

  /** Compact text in ASCII alone: every other character is escaped as {@code \\uXXXX}. */
  public static String writeAscii(JsonNode node) {
    return write(ASCII_WRITER, node);
  }

  /** Indented by two spaces, for people. */
  public static String writePretty(JsonNode node) {
    return write(PRETTY_WRITER, node);
  }

  /** Compact UTF-8. */
  public static byte[] writeBytes(JsonNode node) {
    try {
      return WRITER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String write(ObjectWriter writer, JsonNode node) {
    try {
      return writer.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode present(JsonNode node) {
    if (node.isMissingNode()) {
      throw new JsonException("no content", 0);
    }
    return node;
  }
}
