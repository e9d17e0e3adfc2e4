package ai.liberclaw.agent.policy;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One rule of the owner's on calls.
 *
 * @param tool which tools it is about
 * @param match parameters and what their values must look like, all of them; empty for any call
 */
record ToolRule(Glob tool, Map<String, Glob> match, Action action) {
  /** What becomes of a call that a rule fits. */
  enum Action {
    ALLOW,
    ASK,
    DENY
  }

  ToolRule {
    match = Map.copyOf(match);
  }

  boolean fits(String toolName, ObjectNode arguments) {
    return tool.matches(toolName)
        && match.entrySet().stream()
            .allMatch(wanted -> fits(wanted.getValue(), arguments.get(wanted.getKey())));
  }

  private static boolean fits(Glob pattern, @Nullable JsonNode value) {
    if (value == null || value.isNull()) {
      return false;
    }
    return pattern.matches(value.isValueNode() ? value.asText() : Json.write(value));
  }
}
