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
  private ToolLines() {}

  static ModelAnswer answer(ObjectNode request) {
    JsonNode messages = request.path("messages");
    int asked = -1;
    for (int i = messages.size() - 1; i >= 0 && asked < 0; i--) {
      JsonNode message = messages.get(i);
      if (message.path("role").asText().equals("user")
          && !message.path("content").asText().startsWith("[Context update]")) {
        asked = i;
      }
    }
    StringBuilder results = new StringBuilder();
    for (int i = asked + 1; i < messages.size(); i++) {
      if (messages.get(i).path("role").asText().equals("tool")) {
        results.append("\n").append(messages.get(i).path("content").asText());
      }
    }
    if (!results.isEmpty()) {
      return ModelAnswer.text("Results:" + results);
    }
    String question = asked < 0 ? "" : messages.get(asked).path("content").asText();
    List<ModelAnswer.Call> calls = new ArrayList<>();
    for (String line : question.lines().toList()) {
      String[] words = line.strip().split("\\s+", 3);
      if (words.length > 1 && words[0].equals("/tool")) {
        String arguments = words.length > 2 ? words[2] : "{}";
        calls.add(new ModelAnswer.Call(ModelServer.callId(), words[1], arguments));
      }
    }
    return calls.isEmpty() || !request.has("tools")
        ? ModelAnswer.text("You said: " + question)
        : ModelAnswer.calls(calls.toArray(ModelAnswer.Call[]::new));
  }
}
