package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** What a strict provider demands of a request's messages. */
final class HistoryRules {
  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  private HistoryRules() {}

  /** The first rule the request breaks. */
  static Optional<String> violation(JsonNode request) {
    JsonNode messages = request.path("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      return Optional.of("messages must not be empty");
    }
    if (request.has("tools") && request.path("tools").isEmpty()) {
      return Optional.of("tools must not be an empty list");
    }
    Set<String> open = new LinkedHashSet<>();
    for (int i = 0; i < messages.size(); i++) {
      JsonNode message = messages.get(i);
      String role = message.path("role").asText();
      String where = "message " + i + " (" + role + "): ";
      if (!ROLES.contains(role)) {
        return Optional.of(where + "unknown role");
      }
      if (!role.equals("tool") && !open.isEmpty()) {
        return Optional.of(where + "calls without a result before it: " + open);
      }
      Optional<String> fault =
          switch (role) {
            case "tool" -> tool(message, open);
            case "assistant" -> assistant(message, open);
            default ->
                message.path("content").isTextual() || message.path("content").isArray()
                    ? Optional.empty()
                    : Optional.of("content is missing");
          };
      if (fault.isPresent()) {
        return fault.map(text -> where + text);
      }
    }
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of("calls without a result at the end: " + open);
  }

  private static Optional<String> tool(JsonNode message, Set<String> open) {
    String id = message.path("tool_call_id").asText();
    if (!open.remove(id)) {
      return Optional.of("no preceding call has the id '" + id + "'");
    }
    return message.path("content").isTextual()
        ? Optional.empty()
        : Optional.of("content is missing");
  }

  private static Optional<String> assistant(JsonNode message, Set<String> open) {
    JsonNode calls = message.path("tool_calls");
    if (calls.isEmpty() && message.path("content").asText().isEmpty()) {
      return Optional.of("neither content nor tool_calls");
    }
    if (message.has("tool_calls") && calls.isEmpty()) {
      return Optional.of("tool_calls must not be empty");
    }
    Set<String> ids = new HashSet<>();
    for (JsonNode call : calls) {
      String id = call.path("id").asText();
      if (id.isEmpty() || !ids.add(id)) {
        return Optional.of("missing or duplicate call id '" + id + "'");
      }
      if (call.at("/function/name").asText().isEmpty()) {
        return Optional.of("a call without a name");
      }
      try {
        Json.parse(call.at("/function/arguments").asText());
      } catch (JsonException _) {
        return Optional.of("arguments of call '" + id + "' are not JSON");
      }
      open.add(id);
    }
    return Optional.empty();
  }
}
