package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.workspace.Draft;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code edit_file}: replaces the first occurrence of a text. It works on bytes, so everything else
 * stays as it is, undecodable bytes and line ends too.
 */
public final class EditFileTool implements Tool {
  static final int FILE_BYTES_MAX = 16 << 20;

  private final Workspace workspace;

  public EditFileTool(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "edit_file",
            "Replace the first exact occurrence of a text in a file of the workspace. Give enough"
                + " of the surrounding lines to hit the right place.")
        .required("path", "string", "Path relative to the workspace")
        .required("old_string", "string", "Text to replace, exactly as in the file")
        .required("new_string", "string", "Text to put in its place")
        .definition();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) throws IOException {
    String path = arguments.path("path").asText();
    String oldText = arguments.path("old_string").asText();
    String newText = arguments.path("new_string").asText();
    if (oldText.isEmpty()) {
      return ToolResult.error("old_string must not be empty");
    }
    byte[] content;
    try (OpenFile file = workspace.open(path);
        InputStream in = file.stream()) {
      if (file.attributes().size() > FILE_BYTES_MAX) {
        return ToolResult.error(
            "file too large to edit ("
                + file.attributes().size()
                + " bytes, max "
                + FILE_BYTES_MAX
                + ")");
      }
      content = in.readNBytes(FILE_BYTES_MAX);
    }
    byte[] from = oldText.getBytes(StandardCharsets.UTF_8);
    byte[] to = newText.getBytes(StandardCharsets.UTF_8);
    int at = indexOf(content, from);
    if (at < 0 && oldText.indexOf('\n') >= 0 && oldText.indexOf('\r') < 0) {
      // Models write LF; in a file of CRLF lines they mean those.
      from = oldText.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
      to = newText.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
      at = indexOf(content, from);
    }
    if (at < 0) {
      return ToolResult.error("old_string not found in " + path);
    }
    try (Draft file = workspace.draftFor(path)) {
      OutputStream out = file.out();
      out.write(content, 0, at);
      out.write(to);
      out.write(content, at + from.length, content.length - at - from.length);
      file.moveTo(path);
    }
    return ToolResult.text("Edited " + path);
  }

  /** As {@link String#indexOf(String)}; ISO 8859-1 maps bytes to characters one to one. */
  private static int indexOf(byte[] content, byte[] wanted) {
    return new String(content, StandardCharsets.ISO_8859_1)
        .indexOf(new String(wanted, StandardCharsets.ISO_8859_1));
  }
}
