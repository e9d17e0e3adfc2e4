package ai.liberclaw.testkit.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/** What a careful reading of Ollama's chat API demands of a request's messages. */
final class OllamaRules {
  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  private OllamaRules() {}

  static Optional<String> violation(JsonNode request) {
    Deque<String> open = new ArrayDeque<>();
    int i = 0;
    for (JsonNode message : request.path("messages")) {
      String role = message.path("role").asText();
      String where = "message " + i++ + " (" + role + "): ";
      if (!ROLES.contains(role) || !message.path("content").isTextual()) {
        return Optional.of(where + "unknown role, or content is no text");
      }
      for (JsonNode image : message.path("images")) {
        if (!image.isTextual() || image.asText().startsWith("data:")) {
          return Optional.of(where + "images are base64 alone");
        }
      }
      if (role.equals("tool")) {
        String tool = message.path("tool_name").asText();
        if (!tool.equals(open.poll())) {
          return Optional.of(where + "no open call of the tool '" + tool + "'");
        }
        continue;
      }
      if (!open.isEmpty()) {
        return Optional.of(where + "calls without a result before it: " + open);
      }
      for (JsonNode call : message.path("tool_calls")) {
        if (!call.at("/function/arguments").isObject()) {
          return Optional.of(where + "arguments are an object");
        }
        open.add(call.at("/function/name").asText());
      }
    }
    return open.isEmpty() ? Optional.empty() : Optional.of("calls without a result at the end");
  }
}
