package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer.Call;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** An answer in the JSON of OpenAI's chat completions. */
final class AnswerJson {
  private static final int DELTA_LENGTH = 8;

  private AnswerJson() {}

  /** The data lines of the stream. */
  static List<String> events(ModelAnswer answer, String model) {
    String text = answer.text();
    List<String> events = new ArrayList<>();
    events.add(chunk(model, Json.object().put("role", "assistant").put("content", ""), ""));
    for (int start = 0; start < text.length(); ) {
      int end = Math.min(text.length(), start + DELTA_LENGTH);
      if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
        end++;
      }
      events.add(chunk(model, Json.object().put("content", text.substring(start, end)), ""));
      start = end;
    }
    if (answer.manner().oddCalls()) {
      oddCalls(answer.calls(), model, events);
    } else {
      plainCalls(answer.calls(), model, events);
    }
    events.add(chunk(model, Json.object(), answer.finishReason()));
    ObjectNode usage = Json.object().put("object", "chat.completion.chunk").put("model", model);
    usage.putArray("choices");
    usage.set("usage", usage());
    events.add(Json.write(usage));
    if (answer.manner().done()) {
      events.add("[DONE]");
    }
    return events;
  }

  /** The same answer in one piece. */
  static String whole(ModelAnswer answer, String model) {
    ObjectNode message = Json.object().put("role", "assistant").put("content", answer.text());
    if (!answer.calls().isEmpty()) {
      ArrayNode list = message.putArray("tool_calls");
      answer
          .calls()
          .forEach(call ->
              list.addObject()
                  .put("id", call.id())
                  .put("type", "function")
                  .putObject("function")
                  .put("name", call.name())
                  .put("arguments", call.arguments()));
    }
    ObjectNode completion = Json.object().put("object", "chat.completion").put("model", model);
    completion
        .putArray("choices")
        .addObject()
        .put("index", 0)
        .put("finish_reason", answer.finishReason())
        .set("message", message);
    completion.set("usage", usage());
    return Json.write(completion);
  }

  private static ObjectNode usage() {
    ObjectNode usage = Json.object().put("prompt_tokens", 100).put("completion_tokens", 20);
    usage.put("total_tokens", 120).putObject("prompt_tokens_details").put("cached_tokens", 64);
    return usage;
  }

  private static void plainCalls(List<Call> calls, String model, List<String> events) {
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      int half = call.arguments().length() / 2;
      ObjectNode head = Json.object().put("index", i).put("id", call.id()).put("type", "function");
      head.putObject("function")
          .put("name", call.name())
          .put("arguments", call.arguments().substring(0, half));
      events.add(fragment(model, head));
      events.add(fragment(model, i, call.arguments().substring(half)));
    }
  }

  private static void oddCalls(List<Call> calls, String model, List<String> events) {
    int longest = calls.stream().mapToInt(call -> call.arguments().length()).max().orElse(0);
    for (int start = 0; start < longest; start += 3) {
      for (int i = 0; i < calls.size(); i++) {
        String arguments = calls.get(i).arguments();
        if (start < arguments.length()) {
          String piece = arguments.substring(start, Math.min(arguments.length(), start + 3));
          events.add(fragment(model, i, piece));
        }
      }
    }
    for (int i = calls.size() - 1; i >= 0; i--) {
      ObjectNode name = Json.object().put("index", i);
      name.putObject("function").put("name", calls.get(i).name());
      events.add(fragment(model, name));
      events.add(fragment(model, name));
      events.add(fragment(model, Json.object().put("index", i).put("id", calls.get(i).id())));
    }
  }

  private static String fragment(String model, int index, String arguments) {
    ObjectNode fragment = Json.object().put("index", index);
    fragment.putObject("function").put("arguments", arguments);
    return fragment(model, fragment);
  }

  private static String fragment(String model, ObjectNode call) {
    ObjectNode delta = Json.object();
    delta.putArray("tool_calls").add(call.deepCopy());
    // A fragment may end inside a surrogate pair, which only an escape can carry.
    return Json.writeAscii(chunkNode(model, delta, ""));
  }

  private static String chunk(String model, ObjectNode delta, String finishReason) {
    return Json.write(chunkNode(model, delta, finishReason));
  }

  private static ObjectNode chunkNode(String model, ObjectNode delta, String finishReason) {
    ObjectNode chunk = Json.object().put("object", "chat.completion.chunk").put("model", model);
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    if (finishReason.isEmpty()) {
      choice.putNull("finish_reason");
    } else {
      choice.put("finish_reason", finishReason);
    }
    return chunk;
  }
}
