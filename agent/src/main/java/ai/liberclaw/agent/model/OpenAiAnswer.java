package ai.liberclaw.agent.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One answer of a chat completions server while it comes in: chunks of a stream, or one whole
 * completion. Reads token by token; what it does not know it skips, reasoning above all.
 */
final class OpenAiAnswer implements Wire.Answer {
  private static final int ERROR_LENGTH_MAX = 4_000;
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final VisibleText text;
  private final ToolCallDeltas calls = new ToolCallDeltas();
  private Usage usage = Usage.unknown();
  private @Nullable String finishReason;
  private @Nullable String error;
  private boolean over;

  OpenAiAnswer(ReplyListener listener) {
    this.text = new VisibleText(listener);
  }

  @Override
  public void add(byte[] utf8, int length, boolean whole) throws IOException {
    if (!whole && isDone(utf8, length)) {
      over = true;
      return;
    }
    try (JsonParser json = JsonText.parser(utf8, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        switch (field) {
          case "choices" -> choices(json, value, whole);
          case "usage" -> usage(json, value);
          case "error" -> error(json, value);
          default -> json.skipChildren();
        }
      }
    }
  }

  private static boolean isDone(byte[] data, int length) {
    int end = length;
    while (end > 0 && data[end - 1] <= ' ') {
      end--;
    }
    return Arrays.equals(data, 0, end, DONE, 0, DONE.length);
  }

  @Override
  public Optional<String> error() {
    return Optional.ofNullable(error);
  }

  @Override
  public boolean isFinished() {
    return finishReason != null;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public Reply finish() {
    return new Reply(text.finish(), calls.finish("length".equals(finishReason)), usage);
  }

  private void choices(JsonParser json, JsonToken value, boolean whole) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    // One answer was asked for; a further choice would be another one.
    boolean first = true;
    for (JsonToken t = json.nextToken();
        t != JsonToken.END_ARRAY && t != null;
        t = json.nextToken()) {
      if (first && t == JsonToken.START_OBJECT) {
        choice(json, whole);
      } else {
        json.skipChildren();
      }
      first = false;
    }
  }

  private void choice(JsonParser json, boolean whole) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (value == JsonToken.START_OBJECT && (field.equals("delta") || field.equals("message"))) {
        message(json, whole || field.equals("message"));
      } else if (value == JsonToken.VALUE_STRING && field.equals("finish_reason")) {
        finishReason = json.getText();
      } else {
        json.skipChildren();
      }
    }
  }

  private void message(JsonParser json, boolean whole) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("content") && value == JsonToken.VALUE_STRING) {
        text.append(json.getText());
      } else if (field.equals("content") && value == JsonToken.START_ARRAY) {
        parts(json);
      } else if (field.equals("tool_calls") && value == JsonToken.START_ARRAY) {
        toolCalls(json, whole);
      } else {
        json.skipChildren();
      }
    }
  }

  private void parts(JsonParser json) throws IOException {
    for (JsonToken t = json.nextToken();
        t != JsonToken.END_ARRAY && t != null;
        t = json.nextToken()) {
      if (t == JsonToken.VALUE_STRING) {
        text.append(json.getText());
      } else if (t == JsonToken.START_OBJECT) {
        part(json);
      }
    }
  }

  private void part(JsonParser json) throws IOException {
    String type = "text";
    String content = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (value == JsonToken.VALUE_STRING && field.equals("type")) {
        type = json.getText();
      } else if (value == JsonToken.VALUE_STRING && field.equals("text")) {
        content = json.getText();
      } else {
        json.skipChildren();
      }
    }
    if (type.equals("text") || type.equals("output_text")) {
      text.append(content);
    }
  }

  private void toolCalls(JsonParser json, boolean whole) throws IOException {
    for (JsonToken t = json.nextToken();
        t != JsonToken.END_ARRAY && t != null;
        t = json.nextToken()) {
      if (t != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      ToolCallDeltas.Fragment fragment = new ToolCallDeltas.Fragment();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        if (field.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
          fragment.index = json.getIntValue();
        } else if (field.equals("id") && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
          fragment.id = json.getText();
        } else if (field.equals("function") && value == JsonToken.START_OBJECT) {
          function(json, fragment);
        } else {
          json.skipChildren();
        }
      }
      calls.add(fragment, whole);
    }
  }

  private static void function(JsonParser json, ToolCallDeltas.Fragment fragment)
      throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("name") && value == JsonToken.VALUE_STRING) {
        fragment.name = json.getText();
      } else if (field.equals("arguments") && value == JsonToken.VALUE_STRING) {
        fragment.arguments = json.getText();
      } else if (field.equals("arguments") && value != JsonToken.VALUE_NULL) {
        fragment.arguments = json.readValueAsTree().toString();
      } else {
        json.skipChildren();
      }
    }
  }

  private void usage(JsonParser json, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    Integer prompt = null;
    Integer cached = null;
    Integer completion = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken number = json.nextToken();
      if (field.equals("prompt_tokens_details") && number == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String detail = json.currentName();
          if (json.nextToken() == JsonToken.VALUE_NUMBER_INT && detail.equals("cached_tokens")) {
            cached = json.getIntValue();
          } else {
            json.skipChildren();
          }
        }
      } else if (number != JsonToken.VALUE_NUMBER_INT) {
        json.skipChildren();
      } else if (field.equals("prompt_tokens")) {
        prompt = json.getIntValue();
      } else if (field.equals("completion_tokens")) {
        completion = json.getIntValue();
      }
    }
    usage = new Usage(prompt, cached, completion);
  }

  private void error(JsonParser json, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    String words = json.readValueAsTree().toString();
    error = words.substring(0, Math.min(words.length(), ERROR_LENGTH_MAX));
  }
}
