package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.checkpoint.Checkpoint;
import ai.liberclaw.agent.checkpoint.CheckpointFault;
import ai.liberclaw.agent.checkpoint.Checkpoints;
import ai.liberclaw.agent.model.ToolDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code checkpoint}: keeps the state of the workspace and goes back to it. */
public final class CheckpointTool implements Tool {
  private static final int LISTED_MAX = 10;

  private final Checkpoints checkpoints;

  public CheckpointTool(Checkpoints checkpoints) {
    this.checkpoints = checkpoints;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "checkpoint",
            "Undo for the whole workspace. create keeps its state (do it before risky changes),"
                + " list shows the newest "
                + LISTED_MAX
                + ", diff what has changed since one, restore brings one back: files made since are"
                + " removed, and the state before is kept as a checkpoint too. Not kept: files over"
                + " 20 MiB, settings and database files, .git, node_modules, virtual environments.")
        .choice("action", List.of("create", "list", "restore", "diff"), "restore needs id")
        .required()
        .optional("message", "string", "For create: what the checkpoint is for")
        .optional(
            "id", "string", "For restore and diff, as list shows it; diff: the newest by default")
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String id = arguments.path("id").asText("").strip().toLowerCase(Locale.ROOT);
    try {
      return switch (arguments.path("action").asText()) {
        case "create" -> ToolResult.text(create(arguments.path("message").asText("")));
        case "list" -> ToolResult.text(list());
        case "restore" ->
            id.isEmpty()
                ? ToolResult.error("missing required 'id' parameter; action list shows the ids")
                : restored(checkpoints.restore(id));
        default -> diff(id);
      };
    } catch (CheckpointFault e) {
      return ToolResult.error(e.text());
    }
  }

  private String create(String message) throws IOException, InterruptedException, CheckpointFault {
    return checkpoints
        .create(message)
        .map(c -> "Checkpoint created: " + c.shortId())
        .orElse("No changes to checkpoint.");
  }

  private String list() throws IOException {
    List<Checkpoint> list = checkpoints.newest(LISTED_MAX);
    return list.isEmpty()
        ? "(no checkpoints)"
        : list.stream()
            .map(c ->
                c.shortId()
                    + "  "
                    + c.message()
                    + "  ("
                    + c.createdAt().truncatedTo(ChronoUnit.SECONDS)
                    + ")")
            .collect(Collectors.joining("\n"));
  }

  private ToolResult diff(String given) throws IOException, InterruptedException, CheckpointFault {
    Optional<String> id =
        given.isEmpty()
            ? checkpoints.newest(1).stream().map(Checkpoint::shortId).findFirst()
            : Optional.of(given);
    if (id.isEmpty()) {
      return ToolResult.error("there is no checkpoint yet; action create makes one");
    }
    String changes = checkpoints.diff(id.get());
    return ToolResult.text(
        changes.isEmpty() ? "No changes since checkpoint " + id.get() + "." : changes);
  }

  private static ToolResult restored(Checkpoints.Restored done) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Restored checkpoint "
            + done.to().shortId()
            + ": "
            + done.written()
            + " files brought back, "
            + done.removed()
            + " removed. The state before is checkpoint "
            + done.previous().shortId()
            + ". Read files again before you edit them.");
    lines.addAll(done.problems());
    return ToolResult.text(String.join("\n", lines));
  }
}
