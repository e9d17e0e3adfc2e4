package ai.liberclaw.agent.memory;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.scope.ChatScopeStore;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.ToolSchema;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/** {@code search_memory}: facts that were remembered for this chat or for all. */
public final class SearchMemoryTool implements Tool {
  private static final int LIMIT_DEFAULT = 20;
  private static final int LIMIT_MAX = 50;

  private final MemoryStore facts;
  private final ChatScopeStore scope;

  public SearchMemoryTool(MemoryStore facts, ChatScopeStore scope) {
    this.facts = facts;
    this.scope = scope;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "search_memory",
            "Find facts stored with remember_fact, the newest first. Files under memory/ are not"
                + " searched.")
        .optional("query", "string", "A word or phrase of the fact; leave out for all")
        .optional("kind", "string", "Only facts of this sort")
        .integer("limit", 1, LIMIT_MAX, LIMIT_DEFAULT, "How many facts at most")
        .optional("include_archived", "boolean", "Also facts that were put away")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) {
    List<Fact> found =
        facts.search(
            scope.origin(context.chatId()),
            arguments.path("query").asText("").strip(),
            arguments.path("kind").asText("").strip(),
            arguments.path("limit").asInt(LIMIT_DEFAULT),
            arguments.path("include_archived").asBoolean(false));
    return ToolResult.text(
        found.isEmpty()
            ? "(no facts found; try one shorter word, or search_history for what was said)"
            : found.stream().map(Fact::hit).collect(Collectors.joining("\n")));
  }
}
