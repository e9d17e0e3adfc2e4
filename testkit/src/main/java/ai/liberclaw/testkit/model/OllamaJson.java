package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer.Call;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** An answer in the JSON of Ollama's chat API, thinking included. */
final class OllamaJson {
  private OllamaJson() {}

  static List<String> events(ModelAnswer answer, String model) {
    List<String> lines = new ArrayList<>();
    ObjectNode thought = line(model, false);
    thought.putObject("message").put("role", "assistant").put("content", "").put("thinking", "Hm.");
    lines.add(Json.write(thought));
    for (String piece : AnthropicJson.pieces(answer.text())) {
      ObjectNode line = line(model, false);
      line.putObject("message").put("role", "assistant").put("content", piece);
      lines.add(Json.write(line));
    }
    if (!answer.calls().isEmpty()) {
      ObjectNode line = line(model, false);
      calls(line.putObject("message").put("role", "assistant").put("content", ""), answer);
      lines.add(Json.write(line));
    }
    ObjectNode last = line(model, true);
    last.putObject("message").put("role", "assistant").put("content", "");
    lines.add(Json.write(end(last, answer)));
    return lines;
  }

  static String whole(ModelAnswer answer, String model) {
    ObjectNode line = line(model, true);
    ObjectNode message = line.putObject("message").put("role", "assistant");
    message.put("content", answer.text());
    if (!answer.calls().isEmpty()) {
      calls(message, answer);
    }
    return Json.write(end(line, answer));
  }

  private static ObjectNode line(String model, boolean done) {
    return Json.object()
        .put("model", model)
        .put("created_at", "2026-11-01T10:00:00.000000001Z")
        .put("done", done);
  }

  /** Older servers give no ids. */
  private static void calls(ObjectNode message, ModelAnswer answer) {
    ArrayNode list = message.putArray("tool_calls");
    for (Call call : answer.calls()) {
      list.addObject()
          .putObject("function")
          .put("name", call.name())
          .set("arguments", AnthropicJson.object(call.arguments()));
    }
  }

  private static ObjectNode end(ObjectNode line, ModelAnswer answer) {
    return line.put("done_reason", answer.finishReason().equals("length") ? "length" : "stop")
        .put("total_duration", 5_191_566_416L)
        .put("load_duration", 2_154_458L)
        .put("prompt_eval_count", 100)
        .put("prompt_eval_duration", 383_809_000L)
        .put("eval_count", 20)
        .put("eval_duration", 4_799_921_000L);
  }
}
