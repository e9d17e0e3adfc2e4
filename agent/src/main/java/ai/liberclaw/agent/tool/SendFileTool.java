package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** {@code send_file}: gives the user a file of the workspace. */
public final class SendFileTool implements Tool {
  static final long FILE_BYTES_MAX = 50L << 20;

  /** How its result begins; the history of a chat knows sent files by it. */
  public static final String RESULT_PREFIX = "File sent to user: ";

  public static final String NAME = "send_file";

  private final Workspace workspace;

  public SendFileTool(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(NAME, "Send a file of the workspace to the user (50 MiB at most).")
        .required("path", "string", "Path relative to the workspace")
        .optional("caption", "string", "A line shown with the file")
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) throws IOException {
    try (OpenFile file = workspace.open(arguments.path("path").asText())) {
      long size = file.attributes().size();
      if (size > FILE_BYTES_MAX) {
        return ToolResult.error("file too large (" + size + " bytes, max " + FILE_BYTES_MAX + ")");
      }
      String relative = workspace.relative(file.path());
      return ToolResult.file(
          RESULT_PREFIX + relative, new SentFile(relative, arguments.path("caption").asText("")));
    }
  }
}
