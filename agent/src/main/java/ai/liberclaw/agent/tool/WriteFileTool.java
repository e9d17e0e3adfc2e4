package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.ReadHashes;
import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code write_file}: a file with this content, in one move. The turn knows it then. */
public final class WriteFileTool implements Tool {
  private final Workspace workspace;
  private final ReadHashes seen;

  public WriteFileTool(Workspace workspace, ReadHashes seen) {
    this.workspace = workspace;
    this.seen = seen;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "write_file",
            "Write a text file into the workspace, making missing folders. An existing file is"
                + " overwritten; use edit_file to change a part of it.")
        .required("path", "string", "Path relative to the workspace")
        .required("content", "string", "The whole content")
        .definition();
  }

  @Override
  public boolean idempotent() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String path = arguments.path("path").asText();
    byte[] content = arguments.path("content").asText().getBytes(StandardCharsets.UTF_8);
    try (Draft file = workspace.draftFor(path)) {
      file.out().write(content);
      seen.seen(
          context.turnId(),
          workspace.<java.nio.file.Path, IOException>changing(() -> file.moveTo(path)),
          ReadHashes.hash(content));
    }
    return ToolResult.text("Wrote " + content.length + " bytes to " + path);
  }
}
