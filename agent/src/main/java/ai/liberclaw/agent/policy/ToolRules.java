package ai.liberclaw.agent.policy;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads {@code TOOL_RULES}: a JSON list of {@code {"tool","match"?,"action"}}. What is not
 * understood is a problem, never a rule that fits more than its writer meant.
 */
final class ToolRules {
  /** More rules than anybody reads; each call is held against them in order. */
  static final int COUNT_MAX = 500;

  private static final Set<String> FIELDS = Set.of("tool", "match", "action");

  private final Consumer<String> problems;

  private ToolRules(Consumer<String> problems) {
    this.problems = problems;
  }

  /**
   * @param problems hears each problem, in words without the configured text
   */
  static List<ToolRule> read(String json, Consumer<String> problems) {
    return new ToolRules(problems).read(json);
  }

  private List<ToolRule> read(String text) {
    JsonNode list;
    try {
      list = Json.parse(text);
    } catch (JsonException e) {
      problems.accept("is not valid JSON (" + e.getMessage() + ")");
      return List.of();
    }
    if (!list.isArray()) {
      problems.accept("must be a JSON list of rules");
      return List.of();
    }
    if (list.size() > COUNT_MAX) {
      problems.accept("has more than " + COUNT_MAX + " rules");
      return List.of();
    }
    List<ToolRule> rules = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      rule("rule " + (i + 1), list.get(i)).ifPresent(rules::add);
    }
    return rules;
  }

  private Optional<ToolRule> rule(String name, JsonNode rule) {
    if (!rule.isObject()) {
      problems.accept(name + " must be an object");
      return Optional.empty();
    }
    if (rule.properties().stream().anyMatch(field -> !FIELDS.contains(field.getKey()))) {
      problems.accept(name + " has a field that no rule has; there are tool, match and action");
    }
    JsonNode tool = rule.path("tool");
    if (!tool.isTextual() || tool.asText().isBlank()) {
      problems.accept(name + ": tool must be the name of a tool, * allowed in it");
    }
    Optional<ToolRule.Action> action = action(name, rule.path("action"));
    Map<String, Glob> match = match(name, rule.path("match"));
    return action.map(what -> new ToolRule(new Glob(tool.asText()), match, what));
  }

  private Optional<ToolRule.Action> action(String name, JsonNode action) {
    for (ToolRule.Action known : ToolRule.Action.values()) {
      if (action.isTextual() && known.name().toLowerCase(Locale.ROOT).equals(action.asText())) {
        return Optional.of(known);
      }
    }
    problems.accept(name + ": action must be allow, ask or deny");
    return Optional.empty();
  }

  private Map<String, Glob> match(String name, JsonNode match) {
    Map<String, Glob> patterns = new LinkedHashMap<>();
    if (match.isMissingNode() || match.isNull()) {
      return patterns;
    }
    if (!match.isObject()) {
      problems.accept(name + ": match must be an object of parameter and pattern");
      return patterns;
    }
    for (Map.Entry<String, JsonNode> wanted : match.properties()) {
      if (wanted.getValue().isTextual()) {
        patterns.put(wanted.getKey(), new Glob(wanted.getValue().asText()));
      } else {
        problems.accept(name + ": each pattern in match must be text");
      }
    }
    return patterns;
  }
}
