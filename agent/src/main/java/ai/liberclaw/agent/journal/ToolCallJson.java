package ai.liberclaw.agent.journal;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The column {@code messages.tool_calls}: the calls in the shape of the OpenAI API. */
public final class ToolCallJson {
  private ToolCallJson() {}

  /** The calls of a stored row; none for null or for what cannot be read. */
  public static List<ToolCall> read(@Nullable String json) {
    if (json == null || json.isBlank()) {
      return List.of();
    }
    JsonNode stored;
    try {
      stored = Json.parse(json);
    } catch (JsonException _) {
      return List.of();
    }
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode call : stored) {
      JsonNode arguments = call.path("function").path("arguments");
      String id = call.path("id").asText();
      if (!id.isEmpty()) {
        calls.add(
            new ToolCall(
                id,
                call.path("function").path("name").asText(),
                arguments.isTextual()
                    ? arguments.textValue()
                    : arguments.isMissingNode() ? "" : Json.write(arguments),
                call.path("cut_off").asBoolean()));
      }
    }
    return calls;
  }

  static ArrayNode write(List<ToolCall> calls) {
    ArrayNode json = Json.array();
    for (ToolCall call : calls) {
      ObjectNode entry = json.addObject().put("id", call.id()).put("type", "function");
      entry.putObject("function").put("name", call.name()).put("arguments", call.arguments());
      if (call.cutOff()) {
        entry.put("cut_off", true);
      }
    }
    return json;
  }
}
