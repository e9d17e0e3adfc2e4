package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A request as Ollama's chat API wants it. */
final class OllamaRequest {
  private OllamaRequest() {}

  static byte[] bytes(
      String model, ModelRequest request, Mode mode, int contextTokens, String keepAlive) {
    ObjectNode body = Json.object().put("model", model);
    body.set("messages", messages(request.messages()));
    if (mode.tools() && !request.tools().isEmpty()) {
      ArrayNode tools = body.putArray("tools");
      request.tools().forEach(tool -> tools.add(tool(tool)));
    }
    body.put("stream", mode.streaming());
    body.putObject("options").put("num_ctx", contextTokens);
    keepAlive(body, keepAlive);
    return Json.writeBytes(body);
  }

  /** Loads the model, and asks nothing of it. */
  static byte[] preload(String model, int contextTokens, String keepAlive) {
    return bytes(
        model,
        new ModelRequest(List.of(), List.of()),
        new Mode(false, false),
        contextTokens,
        keepAlive);
  }

  /** A number is in seconds; only text may have a unit. */
  private static void keepAlive(ObjectNode body, String keepAlive) {
    try {
      body.put("keep_alive", Long.parseLong(keepAlive));
    } catch (NumberFormatException _) {
      body.put("keep_alive", keepAlive);
    }
  }

  private static ArrayNode messages(List<Message> messages) {
    ArrayNode written = Json.array();
    // An id may come again in a later reply, and then means that reply's call.
    Map<String, String> toolOfCall = new HashMap<>();
    for (Message message : messages) {
      switch (message) {
        case Message.System(String content) -> add(written, "system", content);
        case Message.User(String content, List<Image> images) -> {
          ObjectNode entry = add(written, "user", content);
          if (!images.isEmpty()) {
            ArrayNode list = entry.putArray("images");
            images.forEach(image -> list.add(image.base64()));
          }
        }
        case Message.Assistant(String content, List<ToolCall> calls) -> {
          ObjectNode entry = add(written, "assistant", content);
          if (!calls.isEmpty()) {
            ArrayNode list = entry.putArray("tool_calls");
            calls.forEach(call -> list.add(call(call)));
          }
          calls.forEach(call -> toolOfCall.put(call.id(), call.name()));
        }
        case Message.Tool(String callId, String content) ->
            add(written, "tool", content)
                .put("tool_name", toolOfCall.getOrDefault(callId, ""))
                .put("tool_call_id", JsonText.wellFormed(callId));
      }
    }
    return written;
  }

  private static ObjectNode add(ArrayNode messages, String role, String content) {
    return messages.addObject().put("role", role).put("content", JsonText.wellFormed(content));
  }

  private static ObjectNode call(ToolCall call) {
    ObjectNode written = Json.object().put("id", JsonText.wellFormed(call.id()));
    written
        .putObject("function")
        .put("name", JsonText.wellFormed(call.name()))
        .set("arguments", JsonText.object(call.arguments()).orElseGet(Json::object));
    return written;
  }

  private static ObjectNode tool(ToolDefinition tool) {
    ObjectNode written = Json.object().put("type", "function");
    written
        .putObject("function")
        .put("name", tool.name())
        .put("description", JsonText.wellFormed(tool.description()))
        .set("parameters", tool.parameters());
    return written;
  }
}
