package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.tool.patch.PatchApplier;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** {@code apply_patch}: a unified diff, all of it or nothing. */
public final class ApplyPatchTool implements Tool {
  private final PatchApplier patches;

  public ApplyPatchTool(PatchApplier patches) {
    this.patches = patches;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "apply_patch",
            "Apply a unified diff, as diff -u or git diff write it, to files of the workspace: all"
                + " of it, or nothing when any part does not fit. Context lines must be exact; line"
                + " numbers may be off. '--- /dev/null' makes a file, '+++ /dev/null' deletes one;"
                + " git's rename, copy and mode headers work. No links, no binary files.")
        .required("patch", "string", "The unified diff")
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    try {
      ObjectNode facts = Json.object();
      ArrayNode files = facts.putArray("files");
      patches.apply(context.turnId(), arguments.path("patch").asText()).forEach(files::add);
      return ToolResult.text("Patch applied").withMetadata(facts);
    } catch (FileFault e) {
      return ToolResult.error(e.text());
    }
  }
}
