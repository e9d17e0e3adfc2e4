package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileEditor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code multi_edit}: several replacements, each file all or nothing. */
public final class MultiEditTool implements Tool {
  static final int EDITS_MAX = 50;

  private final FileEditor editor;

  public MultiEditTool(FileEditor editor) {
    this.editor = editor;
  }

  @Override
  public ToolDefinition definition() {
    ObjectNode edit = EditFileTool.parameters(ToolSchema.of("edit", "")).parameters();
    return ToolSchema.of(
            "multi_edit",
            "Make several edits as edit_file does, in order; each sees what those before it did."
                + " It stops at the first that fails. A file changes only when all its edits"
                + " succeed; the numbered results say what was written.")
        .list("edits", edit, EDITS_MAX, "The edits, " + EDITS_MAX + " at most")
        .required()
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    List<FileEditor.Edit> edits = new ArrayList<>();
    for (JsonNode edit : arguments.path("edits")) {
      edits.add(EditFileTool.edit(edit));
    }
    List<FileEditor.Outcome> outcomes = editor.edit(context.turnId(), edits);
    List<String> lines = new ArrayList<>();
    for (FileEditor.Outcome outcome : outcomes) {
      lines.add((lines.size() + 1) + ". " + outcome.text());
    }
    return ToolResult.of(
        String.join("\n", lines), outcomes.stream().anyMatch(FileEditor.Outcome::failed));
  }
}
