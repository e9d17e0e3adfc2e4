package ai.liberclaw.agent.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A request as the Messages API wants it: roles take turns, the results of all calls of a reply are
 * in the one message after it, and no id comes twice. Whatever a history holds is brought into that
 * shape; nothing is made up but a beginning, where it lacks one.
 */
final class AnthropicRequest {
  /** What may stand before an assistant that speaks first. */
  static final String RESUMED = "[conversation resumed]";

  private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
  private static final int NAME_LENGTH_MAX = 64;
  private static final String USER = "user";
  private static final String ASSISTANT = "assistant";

  private final String model;
  private final int answerTokensMax;
  private final boolean cache;
  private final ArrayNode system = Json.array();
  private final ArrayNode messages = Json.array();
  private final Set<String> ids = new HashSet<>();

  /** The ids of the calls of the newest reply, as they were written. */
  private final Map<String, String> written = new HashMap<>();

  AnthropicRequest(String model, int answerTokensMax, boolean cache) {
    this.model = model;
    this.answerTokensMax = answerTokensMax;
    this.cache = cache;
  }

  byte[] bytes(ModelRequest request, Mode mode) {
    request.messages().forEach(this::add);
    ObjectNode body = Json.object().put("model", model).put("max_tokens", answerTokensMax);
    body.put("stream", mode.streaming());
    if (!system.isEmpty()) {
      keep(system);
      body.set("system", system);
    }
    if (mode.tools() && !request.tools().isEmpty()) {
      ArrayNode tools = Json.array();
      request.tools().forEach(tool -> tools.add(tool(tool)));
      keep(tools);
      body.set("tools", tools);
    }
    if (!messages.isEmpty()
        && messages.get(messages.size() - 1).path("content") instanceof ArrayNode newest) {
      // The next request of this turn begins with all of this one.
      keep(newest);
    }
    body.set("messages", messages);
    return Json.writeBytes(body);
  }

  /** Asks that everything up to the last of these be kept for the next request. */
  private void keep(ArrayNode blocks) {
    if (cache && !blocks.isEmpty() && blocks.get(blocks.size() - 1) instanceof ObjectNode last) {
      last.putObject("cache_control").put("type", "ephemeral");
    }
  }

  private void add(Message message) {
    switch (message) {
      case Message.System(String content) -> text(system, content);
      case Message.User(String content, List<Image> images) -> {
        ArrayNode blocks = blocksOf(USER);
        text(blocks, content);
        images.forEach(image -> image(blocks, image));
      }
      case Message.Assistant(String content, List<ToolCall> calls) -> assistant(content, calls);
      case Message.Tool(String callId, String content) -> {
        ObjectNode result = Json.object().put("type", "tool_result");
        result.put("tool_use_id", written.getOrDefault(callId, "unknown"));
        if (!content.isEmpty()) {
          result.put("content", JsonText.wellFormed(content));
        }
        blocksOf(USER).add(result);
      }
    }
  }

  private void assistant(String content, List<ToolCall> calls) {
    if (content.isBlank() && calls.isEmpty()) {
      return;
    }
    if (messages.isEmpty()) {
      text(blocksOf(USER), RESUMED);
    }
    ArrayNode blocks = blocksOf(ASSISTANT);
    text(blocks, content);
    written.clear();
    for (ToolCall call : calls) {
      String id = id(call.id());
      written.put(call.id(), id);
      blocks
          .addObject()
          .put("type", "tool_use")
          .put("id", id)
          .put("name", name(call.name()))
          .set("input", JsonText.object(call.arguments()).orElseGet(Json::object));
    }
  }

  /** The blocks to add to: those of the last message when it is of that role. */
  private ArrayNode blocksOf(String role) {
    if (!messages.isEmpty()
        && messages.get(messages.size() - 1) instanceof ObjectNode last
        && last.path("role").asText().equals(role)
        && last.path("content") instanceof ArrayNode blocks) {
      return blocks;
    }
    return messages.addObject().put("role", role).putArray("content");
  }

  /** Blocks without any text are refused. */
  private static void text(ArrayNode blocks, String content) {
    if (!content.isBlank()) {
      blocks.addObject().put("type", "text").put("text", JsonText.wellFormed(content));
    }
  }

  private static void image(ArrayNode blocks, Image image) {
    blocks
        .addObject()
        .put("type", "image")
        .putObject("source")
        .put("type", "base64")
        .put("media_type", image.mediaType())
        .put("data", image.base64());
  }

  /** Ids of other providers may hold other characters, and may begin anew with each reply. */
  private String id(String given) {
    String id = ID.matcher(given).matches() ? given : "call";
    for (int n = ids.size(); !ids.add(id); n++) {
      id = "call_" + n;
    }
    return id;
  }

  /** A name the model made up is in the history too. */
  private static String name(String given) {
    String name = given.replaceAll("[^a-zA-Z0-9_-]", "_");
    return name.isEmpty() ? "unknown" : name.substring(0, Math.min(NAME_LENGTH_MAX, name.length()));
  }

  private static ObjectNode tool(ToolDefinition tool) {
    ObjectNode schema = tool.parameters();
    if (!schema.path("type").asText().equals("object")) {
      schema = schema.deepCopy().put("type", "object");
    }
    ObjectNode written = Json.object().put("name", tool.name());
    written.put("description", JsonText.wellFormed(tool.description())).set("input_schema", schema);
    return written;
  }
}
