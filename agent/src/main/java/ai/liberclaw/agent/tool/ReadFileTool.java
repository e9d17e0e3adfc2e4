package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/** {@code read_file}: a text file, or some lines of it, with line numbers. */
public final class ReadFileTool implements Tool {
  private static final String NAME = "read_file";

  private final Workspace workspace;
  private final Results results;

  public ReadFileTool(Workspace workspace, Results results) {
    this.workspace = workspace;
    this.results = results;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Read a text file of the workspace. Each line comes with its number and a tab. Use"
                + " offset and limit for long files.")
        .required("path", "string", "Path relative to the workspace")
        .integer("offset", 1, Integer.MAX_VALUE, 1, "First line to read, counted from 1")
        .integer("limit", 1, "How many lines to read; all when not given")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public boolean boundsResult() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String path = arguments.path("path").asText();
    long offset = arguments.path("offset").asLong(1);
    long limit = arguments.path("limit").asLong(Long.MAX_VALUE);
    try (OpenFile file = workspace.open(path);
        BoundedText text = results.open(NAME)) {
      Optional<String> binary = BinaryFile.notice(file, path);
      if (binary.isPresent()) {
        return ToolResult.text(results.mask(binary.get()));
      }
      LineReader lines = new LineReader(file.stream());
      long number = 0;
      boolean any = false;
      while (number - offset < limit - 1) {
        Optional<String> line = lines.next();
        if (line.isEmpty()) {
          break;
        }
        number++;
        if (number >= offset) {
          any = true;
          text.append(Long.toString(number)).append("\t").append(line.get());
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      if (!any) {
        return number == 0
            ? ToolResult.text("(empty file)")
            : ToolResult.error(
                "offset " + offset + " is behind the end: " + path + " has " + number + " lines");
      }
      return ToolResult.text(text.finish());
    }
  }
}
