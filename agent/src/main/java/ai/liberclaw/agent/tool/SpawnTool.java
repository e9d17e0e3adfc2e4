package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** {@code spawn}: hands a task to a subagent that works in the background. */
public final class SpawnTool implements Tool {
  public static final String NAME = "spawn";
  static final int LABEL_LENGTH_DEFAULT = 50;

  private final Spawner spawner;

  public SpawnTool(Spawner spawner) {
    this.spawner = spawner;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Hand a task to a subagent that works on it in the background. It knows nothing of"
                + " this conversation, so the task must say everything. The user gets its result"
                + " when it is done.")
        .required("task", "string", "What the subagent shall do, with all it needs to know")
        .optional("label", "string", "A few words the user will know the task by")
        .optional(
            "role",
            "string",
            "What it may use: default or worker (all tools but spawn), explorer (reads files),"
                + " reviewer (also git history), verifier (also tests and linters), researcher"
                + " (also the web)")
        .optional("persona", "string", "How it shall see itself, such as: a strict proofreader")
        .integer(
            "timeout",
            1,
            (int) Spawner.TIME_MAX.toSeconds(),
            (int) Spawner.TIME_DEFAULT.toSeconds(),
            "Seconds after which it is stopped")
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) {
    String task = arguments.path("task").asText();
    if (task.isBlank()) {
      return ToolResult.error("task must not be empty");
    }
    if (!context.main()) {
      return ToolResult.error("a subagent cannot spawn others");
    }
    String label = arguments.path("label").asText("").strip();
    return ToolResult.text(
        spawner.spawn(
            new Spawner.Request(
                context.chatId(),
                task,
                label.isEmpty() ? Cut.head(task, LABEL_LENGTH_DEFAULT) : label,
                arguments.path("role").asText(""),
                arguments.path("persona").asText(""),
                Duration.ofSeconds(
                    arguments.path("timeout").asLong(Spawner.TIME_DEFAULT.toSeconds())))));
  }
}
