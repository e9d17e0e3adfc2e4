package ai.liberclaw.testkit.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What Anthropic's Messages API demands of a request. */
final class AnthropicRules {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
  private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_-]+");
  private static final int CACHE_MARKS_MAX = 4;

  private final Set<String> ids = new HashSet<>();

  /** Calls of the message before, which the next one has to answer. */
  private final Set<String> open = new LinkedHashSet<>();

  private AnthropicRules() {}

  static Optional<String> violation(JsonNode request) {
    if (request.path("max_tokens").asInt() < 1) {
      return Optional.of("max_tokens: Field required");
    }
    if (request.findValues("cache_control").size() > CACHE_MARKS_MAX) {
      return Optional.of("A maximum of 4 blocks with cache_control may be provided");
    }
    for (JsonNode block : request.path("system")) {
      if (request.path("system").isArray() && block.path("text").asText().isBlank()) {
        return Optional.of("system: text content blocks must be non-empty");
      }
    }
    for (JsonNode tool : request.path("tools")) {
      if (!NAME.matcher(tool.path("name").asText()).matches()
          || !tool.at("/input_schema/type").asText().equals("object")) {
        return Optional.of("tools: name or input_schema: " + tool.path("name").asText());
      }
    }
    return new AnthropicRules().messages(request.path("messages"));
  }

  private Optional<String> messages(JsonNode messages) {
    if (messages.isEmpty()) {
      return Optional.of("messages: at least one message is required");
    }
    for (int i = 0; i < messages.size(); i++) {
      String role = messages.get(i).path("role").asText();
      String due = i % 2 == 0 ? "user" : "assistant";
      String where = "messages." + i + ": ";
      if (!role.equals(due)) {
        return Optional.of(where + "roles must alternate, expected " + due + ", got " + role);
      }
      JsonNode content = messages.get(i).path("content");
      if (!content.isArray() || content.isEmpty()) {
        return Optional.of(where + "content must be a list of blocks, and not empty");
      }
      Optional<String> fault = role.equals("user") ? user(content) : assistant(content);
      if (fault.isPresent()) {
        return fault.map(text -> where + text);
      }
    }
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of("`tool_use` ids were found without `tool_result` blocks: " + open);
  }

  private Optional<String> user(JsonNode content) {
    boolean resultsOver = false;
    for (JsonNode block : content) {
      switch (block.path("type").asText()) {
        case "tool_result" -> {
          String id = block.path("tool_use_id").asText();
          if (!open.remove(id)) {
            return Optional.of("unexpected `tool_use_id` in `tool_result` blocks: " + id);
          }
          if (resultsOver) {
            return Optional.of("`tool_result` blocks must come first");
          }
        }
        case "text" -> {
          resultsOver = true;
          if (block.path("text").asText().isBlank()) {
            return Optional.of("text content blocks must be non-empty");
          }
        }
        case "image" -> {
          resultsOver = true;
          if (!block.at("/source/type").asText().equals("base64")
              || !block.at("/source/media_type").asText().startsWith("image/")
              || block.at("/source/data").asText().isEmpty()) {
            return Optional.of("image.source: invalid");
          }
        }
        default -> {
          return Optional.of("unknown block " + block.path("type").asText());
        }
      }
    }
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of("`tool_use` ids were found without `tool_result` blocks: " + open);
  }

  private Optional<String> assistant(JsonNode content) {
    for (JsonNode block : content) {
      switch (block.path("type").asText()) {
        case "text" -> {
          if (block.path("text").asText().isBlank()) {
            return Optional.of("text content blocks must be non-empty");
          }
        }
        case "tool_use" -> {
          String id = block.path("id").asText();
          if (!ID.matcher(id).matches() || !ids.add(id)) {
            return Optional.of("`tool_use` ids must be unique and match a pattern: " + id);
          }
          if (!NAME.matcher(block.path("name").asText()).matches()
              || !block.path("input").isObject()) {
            return Optional.of("tool_use: name or input: " + block.path("name").asText());
          }
          open.add(id);
        }
        default -> {
          return Optional.of("unknown block " + block.path("type").asText());
        }
      }
    }
    return Optional.empty();
  }
}
