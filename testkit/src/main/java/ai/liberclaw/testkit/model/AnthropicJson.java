package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.testkit.model.ModelAnswer.Call;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** An answer in the JSON of Anthropic's Messages API, thinking and pings included. */
final class AnthropicJson {
  private static final int DELTA_LENGTH = 8;

  private AnthropicJson() {}

  static List<String> events(ModelAnswer answer, String model) {
    List<String> events = new ArrayList<>();
    ObjectNode start = event("message_start");
    ObjectNode message = head(model);
    message.putArray("content");
    message.putNull("stop_reason").set("usage", usage(1));
    start.set("message", message);
    events.add(Json.write(start));
    events.add(Json.write(event("ping")));
    int index = 0;
    begin(events, index, Json.object().put("type", "thinking").put("thinking", ""));
    delta(events, index, Json.object().put("type", "thinking_delta").put("thinking", "Hm."));
    delta(events, index, Json.object().put("type", "signature_delta").put("signature", "c2ln"));
    stop(events, index++);
    if (!answer.text().isEmpty()) {
      begin(events, index, Json.object().put("type", "text").put("text", ""));
      for (String piece : pieces(answer.text())) {
        delta(events, index, Json.object().put("type", "text_delta").put("text", piece));
      }
      stop(events, index++);
    }
    for (Call call : answer.calls()) {
      ObjectNode use = Json.object().put("type", "tool_use").put("id", call.id());
      use.put("name", call.name()).putObject("input");
      begin(events, index, use);
      delta(events, index, partial(""));
      for (String piece : pieces(call.arguments())) {
        delta(events, index, partial(piece));
      }
      stop(events, index++);
    }
    ObjectNode end = event("message_delta");
    end.putObject("delta").put("stop_reason", stopReason(answer)).putNull("stop_sequence");
    end.putObject("usage").put("output_tokens", 20);
    events.add(Json.write(end));
    if (answer.manner().done()) {
      events.add(Json.write(event("message_stop")));
    }
    return events;
  }

  static String whole(ModelAnswer answer, String model) {
    ObjectNode message = head(model);
    ArrayNode content = message.putArray("content");
    if (!answer.text().isEmpty()) {
      content.addObject().put("type", "text").put("text", answer.text());
    }
    for (Call call : answer.calls()) {
      content
          .addObject()
          .put("type", "tool_use")
          .put("id", call.id())
          .put("name", call.name())
          .set("input", object(call.arguments()));
    }
    message.put("stop_reason", stopReason(answer)).set("usage", usage(20));
    return Json.write(message);
  }

  /** The object the text is; an empty one when it is none. */
  static JsonNode object(String text) {
    try {
      JsonNode json = Json.parse(text);
      return json.isObject() ? json : Json.object();
    } catch (JsonException _) {
      return Json.object();
    }
  }

  private static ObjectNode head(String model) {
    return Json.object()
        .put("id", "msg_" + ModelServer.callId())
        .put("type", "message")
        .put("role", "assistant")
        .put("model", model);
  }

  private static ObjectNode usage(int output) {
    return Json.object()
        .put("input_tokens", 30)
        .put("cache_creation_input_tokens", 6)
        .put("cache_read_input_tokens", 64)
        .put("output_tokens", output);
  }

  private static String stopReason(ModelAnswer answer) {
    return switch (answer.finishReason()) {
      case "stop" -> "end_turn";
      case "tool_calls" -> "tool_use";
      case "length" -> "max_tokens";
      default -> answer.finishReason();
    };
  }

  private static ObjectNode partial(String piece) {
    return Json.object().put("type", "input_json_delta").put("partial_json", piece);
  }

  private static void begin(List<String> events, int index, ObjectNode block) {
    ObjectNode event = event("content_block_start").put("index", index);
    event.set("content_block", block);
    events.add(Json.write(event));
  }

  private static void delta(List<String> events, int index, ObjectNode delta) {
    ObjectNode event = event("content_block_delta").put("index", index);
    event.set("delta", delta);
    events.add(Json.writeAscii(event));
  }

  private static void stop(List<String> events, int index) {
    events.add(Json.write(event("content_block_stop").put("index", index)));
  }

  private static ObjectNode event(String type) {
    return Json.object().put("type", type);
  }

  static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    for (int start = 0; start < text.length(); ) {
      int end = Math.min(text.length(), start + DELTA_LENGTH);
      if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
        end++;
      }
      pieces.add(text.substring(start, end));
      start = end;
    }
    return pieces;
  }
}
