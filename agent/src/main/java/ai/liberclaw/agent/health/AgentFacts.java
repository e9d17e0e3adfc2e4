package ai.liberclaw.agent.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What an agent can say about itself; each part of it contributes. What changes is asked for each
 * time. Filled while the agent is put together, read by many afterwards.
 */
public final class AgentFacts {
  /** The words that front ends look for in {@code features}; absent ones are false. */
  private static final List<String> FEATURES =
      List.of(
          "workspace_tree",
          "subagents",
          "subagent_detail",
          "tool_gating",
          "tool_result_events",
          "tool_metadata",
          "runtime_health",
          "mcp_health",
          "runtime_events",
          "context_injection_scanner",
          "tool_policy",
          "coding_task_runtime",
          "file_watchers",
          "browser");

  private final Map<String, BooleanSupplier> capabilities = new LinkedHashMap<>();
  private final Map<String, BooleanSupplier> features = new LinkedHashMap<>();
  private final Map<String, Supplier<JsonNode>> health = new LinkedHashMap<>();
  private final Map<String, Supplier<JsonNode>> sections = new LinkedHashMap<>();

  public AgentFacts() {
    FEATURES.forEach(name -> features.put(name, () -> false));
  }

  /** Something the agent can do, in {@code /health} and {@code /info}. */
  public AgentFacts capability(String name) {
    return capability(name, () -> true);
  }

  /** The same, while it can. */
  public AgentFacts capability(String name, BooleanSupplier able) {
    capabilities.put(name, able);
    return this;
  }

  /** Something that front ends show or hide a part of themselves for. */
  public AgentFacts feature(String name) {
    return feature(name, () -> true);
  }

  /** The same, while it is there. */
  public AgentFacts feature(String name, BooleanSupplier there) {
    features.put(name, there);
    return this;
  }

  /** How a part is, in {@code runtime_health}: a word, or more in an object. */
  public AgentFacts health(String part, Supplier<JsonNode> state) {
    health.put(part, state);
    return this;
  }

  /** The same in a word. */
  public AgentFacts healthWord(String part, Supplier<String> state) {
    return health(part, () -> TextNode.valueOf(state.get()));
  }

  /** A field of {@code /info}. */
  public AgentFacts section(String name, Supplier<JsonNode> content) {
    sections.put(name, content);
    return this;
  }

  List<String> capabilities() {
    List<String> able = new ArrayList<>();
    capabilities.forEach((name, now) -> {
      if (now.getAsBoolean()) {
        able.add(name);
      }
    });
    return able;
  }

  Map<String, JsonNode> features() {
    Map<String, JsonNode> now = new LinkedHashMap<>();
    features.forEach((name, there) -> now.put(name, BooleanNode.valueOf(there.getAsBoolean())));
    return now;
  }

  Map<String, Supplier<JsonNode>> health() {
    return Collections.unmodifiableMap(health);
  }

  Map<String, Supplier<JsonNode>> sections() {
    return Collections.unmodifiableMap(sections);
  }
}
