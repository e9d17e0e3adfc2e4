package ai.liberclaw.testkit.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The answers of a server nobody gave a script: each line {@code /tool <name> <json>} of the newest
 * user message is a call, results are reported, anything else is echoed.
 */
final class ToolLines {
  private static final String CONTEXT_UPDATE = "[Context update]";

  private ToolLines() {}

  static ModelAnswer answer(ObjectNode request) {
    JsonNode messages = request.path("messages");
    int asked = -1;
    String question = "";
    for (int i = messages.size() - 1; i >= 0 && asked < 0; i--) {
      String said = words(messages.get(i).path("content"), "text", "text");
      if (messages.get(i).path("role").asText().equals("user") && !said.isEmpty()) {
        asked = i;
        question = said;
      }
    }
    StringBuilder results = new StringBuilder();
    for (int i = asked + 1; i < messages.size(); i++) {
      JsonNode message = messages.get(i);
      if (message.path("role").asText().equals("tool")) {
        results.append("\n").append(message.path("content").asText());
      } else if (message.path("role").asText().equals("user")) {
        results.append(words(message.path("content"), "tool_result", "content"));
      }
    }
    if (!results.isEmpty()) {
      return ModelAnswer.text("Results:" + results);
    }
    List<ModelAnswer.Call> calls = new ArrayList<>();
    for (String line : question.lines().toList()) {
      String[] words = line.strip().split("\\s+", 3);
      if (words.length > 1 && words[0].equals("/tool")) {
        String arguments = words.length > 2 ? words[2] : "{}";
        calls.add(new ModelAnswer.Call(ModelServer.callId(), words[1], arguments));
      }
    }
    return calls.isEmpty() || !request.has("tools")
        ? ModelAnswer.text("You said: " + question.strip())
        : ModelAnswer.calls(calls.toArray(ModelAnswer.Call[]::new));
  }

  /**
   * Content that is text, or that field of all blocks of a type, each on lines of its own; without
   * what the agent added.
   */
  private static String words(JsonNode content, String type, String field) {
    if (content.isTextual()) {
      return type.equals("text") ? unlessAdded(content.asText()) : "";
    }
    StringBuilder words = new StringBuilder();
    for (JsonNode block : content) {
      if (block.path("type").asText().equals(type)) {
        String said = unlessAdded(block.path(field).asText());
        words.append(said.isEmpty() ? "" : "\n").append(said);
      }
    }
    return words.toString();
  }

  private static String unlessAdded(String text) {
    return text.startsWith(CONTEXT_UPDATE) ? "" : text;
  }
}
