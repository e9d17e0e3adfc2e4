package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A request's body: what the gateway has to know of it, found without building a tree. Everything
 * else goes on byte for byte.
 */
final class CallBody {
  private static final int MODEL_LENGTH_MAX = 200;
  private static final long COUNT_MAX = 1_000_000_000L;
  private static final Set<String> READ =
      Set.of("model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n");

  /** Fields that every picture and document in a conversation has one of. */
  private static final Set<String> PICTURE_FIELDS = Set.of("image_url", "source");

  private final byte[] bytes;
  private int afterBrace;
  private boolean empty = true;
  private String model = "";
  private Span modelAt = Span.NONE;
  private boolean streams;
  private Span streamOptionsAt = Span.NONE;
  private boolean usageAsked;
  private Optional<Bound> answerBound = Optional.empty();
  private long choices = 1;
  private int pictures;

  /** Where a value stands. */
  private record Span(int start, int end) {
    static final Span NONE = new Span(-1, -1);

    boolean exists() {
      return start >= 0;
    }
  }

  private record Bound(Span at, long tokens) {}

  private record Edit(Span at, String text) {}

  private CallBody(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * @throws Refusal 400 for what is no JSON object with a model, or could be read in two ways
   */
  static CallBody of(byte[] bytes) {
    CallBody body = new CallBody(bytes);
    try (JsonParser parser = Json.parser(bytes)) {
      body.read(parser);
    } catch (IOException | JsonException _) {
      throw bad("The request body is not valid JSON");
    }
    if (!body.modelAt.exists()) {
      throw bad("you must provide a model parameter");
    }
    return body;
  }

  String model() {
    return model;
  }

  boolean streams() {
    return streams;
  }

  /** Whether the caller asked a stream for its usage. */
  boolean usageAsked() {
    return usageAsked;
  }

  int length() {
    return bytes.length;
  }

  /** Tokens that each answer may have, as the caller asked. */
  OptionalLong answerTokens() {
    return answerBound.map(bound -> OptionalLong.of(bound.tokens())).orElse(OptionalLong.empty());
  }

  /** Answers, or pictures, that are asked for. */
  long choices() {
    return choices;
  }

  /** Pictures and documents that the model is to look at. */
  int pictures() {
    return pictures;
  }

  /**
   * The body as a service gets it.
   *
   * @param asked the service's name of the model
   * @param answerTokens what each answer may have at most; empty to leave that as it is
   * @param answerField what says so where the caller said nothing
   * @param usage whether a stream is asked for its usage, whatever the caller asked
   */
  byte[] with(String asked, OptionalLong answerTokens, String answerField, boolean usage) {
    List<Edit> edits = new ArrayList<>();
    StringBuilder added = new StringBuilder();
    if (!asked.equals(model)) {
      edits.add(new Edit(modelAt, Json.writeAscii(TextNode.valueOf(asked))));
    }
    if (answerTokens.isPresent()) {
      long tokens = answerTokens.getAsLong();
      if (answerBound.isEmpty()) {
        added.append('"').append(answerField).append("\":").append(tokens).append(',');
      } else if (answerBound.get().tokens() > tokens) {
        edits.add(new Edit(answerBound.get().at(), Long.toString(tokens)));
      }
    }
    if (usage && streams && !usageAsked) {
      String options = "{\"include_usage\":true}";
      if (streamOptionsAt.exists()) {
        edits.add(new Edit(streamOptionsAt, options));
      } else {
        added.append("\"stream_options\":").append(options).append(',');
      }
    }
    if (!added.isEmpty()) {
      if (empty) {
        added.setLength(added.length() - 1);
      }
      edits.add(new Edit(new Span(afterBrace, afterBrace), added.toString()));
    }
    return edited(edits);
  }

  private byte[] edited(List<Edit> edits) {
    if (edits.isEmpty()) {
      return bytes;
    }
    edits.sort(Comparator.comparingInt(edit -> edit.at().start()));
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 128);
    int from = 0;
    for (Edit edit : edits) {
      out.write(bytes, from, edit.at().start() - from);
      out.writeBytes(Bytes.ascii(edit.text()));
      from = edit.at().end();
    }
    out.write(bytes, from, bytes.length - from);
    return out.toByteArray();
  }

  private void read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw bad("The request body must be a JSON object");
    }
    afterBrace = offset(parser);
    Set<String> seen = new HashSet<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      empty = false;
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (!READ.contains(name)) {
        skip(parser);
        continue;
      }
      if (!seen.add(name)) {
        // A service might read the other one.
        throw bad("The field " + name + " is there twice");
      }
      field(parser, name, value);
    }
    if (parser.nextToken() != null) {
      throw bad("The request body is not valid JSON");
    }
  }

  private void field(JsonParser parser, String name, JsonToken value) throws IOException {
    int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
    switch (name) {
      case "model" -> {
        if (value != JsonToken.VALUE_STRING
            || parser.getText().isBlank()
            || parser.getText().length() > MODEL_LENGTH_MAX) {
          throw bad("model must be a name of at most " + MODEL_LENGTH_MAX + " characters");
        }
        model = parser.getText();
        modelAt = new Span(start, offset(parser));
      }
      case "stream" -> {
        if (!value.isBoolean() && value != JsonToken.VALUE_NULL) {
          throw bad("stream must be true or false");
        }
        streams = value == JsonToken.VALUE_TRUE;
      }
      case "stream_options" -> {
        usageAsked = value == JsonToken.START_OBJECT && includesUsage(parser);
        streamOptionsAt = new Span(start, offset(parser));
      }
      case "n" -> {
        if (value != JsonToken.VALUE_NULL) {
          choices = count(parser, name, value);
        }
      }
      default -> {
        if (value == JsonToken.VALUE_NULL) {
          return;
        }
        long tokens = count(parser, name, value);
        if (answerBound.isPresent()) {
          throw bad("max_tokens and max_completion_tokens cannot both be set");
        }
        answerBound = Optional.of(new Bound(new Span(start, offset(parser)), tokens));
      }
    }
  }

  private static boolean includesUsage(JsonParser parser) throws IOException {
    boolean includes = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean usage = parser.currentName().equals("include_usage");
      JsonToken value = parser.nextToken();
      parser.skipChildren();
      includes = usage ? value == JsonToken.VALUE_TRUE : includes;
    }
    return includes;
  }

  /** Skips a value, and counts the pictures in it. */
  private void skip(JsonParser parser) throws IOException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      if (token == null) {
        throw new JsonEnd();
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME && PICTURE_FIELDS.contains(parser.currentName())) {
        pictures++;
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  private static final class JsonEnd extends IOException {}

  private static long count(JsonParser parser, String name, JsonToken value) throws IOException {
    long count =
        value == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
            ? parser.getLongValue()
            : 0;
    if (count < 1 || count > COUNT_MAX) {
      throw bad(name + " must be a whole number from 1 to " + COUNT_MAX);
    }
    return count;
  }

  /** Bytes up to the end of the token at hand. */
  private static int offset(JsonParser parser) throws IOException {
    parser.finishToken();
    return Math.toIntExact(parser.currentLocation().getByteOffset());
  }

  private static Refusal bad(String message) {
    return new Refusal(400, message);
  }
}
