package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileEditor;
import ai.liberclaw.agent.tool.file.FileFault;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/** {@code edit_file}: replaces a text of a file the turn has seen. */
public final class EditFileTool implements Tool {
  private final FileEditor editor;

  public EditFileTool(FileEditor editor) {
    this.editor = editor;
  }

  @Override
  public ToolDefinition definition() {
    return parameters(
            ToolSchema.of(
                "edit_file",
                "Replace a text in a file of the workspace that you have read or written in this"
                    + " turn. old_string must occur exactly once; give enough of the surrounding"
                    + " lines, or set replace_all. Leave out the line numbers of read_file."))
        .definition();
  }

  /** What one edit consists of. */
  static ToolSchema parameters(ToolSchema schema) {
    return schema
        .required("path", "string", "Path relative to the workspace")
        .required("old_string", "string", "Text to replace, exactly as in the file")
        .required("new_string", "string", "Text to put in its place")
        .optional("replace_all", "boolean", "Replace every occurrence; false by default")
        .optional(
            "expected_hash",
            "string",
            "SHA-256 of the file in hex, instead of having read it in this turn");
  }

  static FileEditor.Edit edit(JsonNode arguments) {
    return new FileEditor.Edit(
        arguments.path("path").asText(),
        arguments.path("old_string").asText(),
        arguments.path("new_string").asText(),
        arguments.path("replace_all").asBoolean(false),
        Optional.of(arguments.path("expected_hash").asText("")).filter(hash -> !hash.isBlank()));
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    try {
      return ToolResult.text(editor.edit(context.turnId(), edit(arguments)));
    } catch (FileFault e) {
      return ToolResult.error(e.text());
    }
  }
}
