package ai.liberclaw.agent.memory;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.scope.ChatScopeStore;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.ToolSchema;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code remember_fact}: keeps one fact. What the owner says is for all chats, what others say for
 * theirs alone. A fact from a turn that has read content from outside carries where that came from.
 */
public final class RememberFactTool implements Tool {
  private static final String KIND_DEFAULT = "fact";
  private static final String SOURCE_DEFAULT = "agent";
  private static final int METADATA_CHARS_MAX = 2_000;
  private static final int SOURCES_NAMED = 3;

  private final MemoryStore facts;
  private final ChatScopeStore scope;

  public RememberFactTool(MemoryStore facts, ChatScopeStore scope) {
    this.facts = facts;
    this.scope = scope;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "remember_fact",
            "Remember one fact for later conversations: a preference, a name, a decision. The newest"
                + " ones are shown to you by themselves, search_memory finds all. Never passwords or"
                + " keys.")
        .optional("kind", "string", "A word for its sort, such as preference, person or decision")
        .required(
            "content",
            "string",
            "The fact, complete in itself; at most " + Fact.CONTENT_CHARS_MAX + " characters")
        .optional("source", "string", "Where you know it from, such as: the user said so")
        .optional("metadata", "object", "More about it, if a program is to read it")
        .definition();
  }

  @Override
  public boolean idempotent() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) {
    if (!context.main()) {
      return ToolResult.error(
          "a subagent does not write memory; put what is worth keeping into your result");
    }
    String content = arguments.path("content").asText().strip();
    if (content.isEmpty()) {
      return ToolResult.error("content must not be empty");
    }
    if (content.length() > Fact.CONTENT_CHARS_MAX) {
      return ToolResult.error(
          "content has "
              + content.length()
              + " characters, the most is "
              + Fact.CONTENT_CHARS_MAX
              + ". Shorten it, or write long text to a file under memory/");
    }
    JsonNode metadata = arguments.path("metadata");
    String json = metadata.isMissingNode() ? "" : Json.write(metadata);
    if (json.length() > METADATA_CHARS_MAX) {
      return ToolResult.error(
          "metadata is longer than " + METADATA_CHARS_MAX + " characters as JSON");
    }
    String kind =
        Fact.oneLine(arguments.path("kind").asText(KIND_DEFAULT), Fact.KIND_CHARS_MAX)
            .replaceAll("[\\[\\]]", "")
            .toLowerCase(Locale.ROOT);
    boolean everywhere = scope.owner(context.chatId());
    long id =
        facts.remember(
            everywhere ? Optional.empty() : Optional.of(context.chatId()),
            kind.isEmpty() ? KIND_DEFAULT : kind,
            content,
            source(arguments.path("source").asText(""), facts.untrustedSources(context.turnId())),
            json.isEmpty() ? Optional.empty() : Optional.of(json));
    return ToolResult.text(
        "Remembered as #" + id + (everywhere ? ", for all conversations" : ", for this chat"));
  }

  /** The source that the model gave, and what it had read from outside by then. */
  static String source(String given, List<String> untrusted) {
    String own = given.isBlank() ? SOURCE_DEFAULT : Fact.oneLine(given, Fact.SOURCE_CHARS_MAX / 2);
    return untrusted.isEmpty() ? own : own + "; " + untrusted(untrusted);
  }

  /** Sources from outside as they are stored. */
  static String untrusted(List<String> sources) {
    List<String> named =
        sources.stream()
            .limit(SOURCES_NAMED)
            .map(source -> Fact.oneLine(source, Fact.SOURCE_CHARS_MAX / 2 / SOURCES_NAMED))
            .toList();
    return Fact.UNTRUSTED + String.join(", ", named);
  }
}
