package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.image.ImageRefusal;
import ai.liberclaw.agent.image.Images;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileKind;
import ai.liberclaw.agent.tool.file.ReadHashes;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/**
 * {@code read_file}: a text file, or some lines of it, with line numbers; a picture is shown. What
 * a turn has read it may edit.
 */
public final class ReadFileTool implements Tool {
  private static final String NAME = "read_file";

  private final Workspace workspace;
  private final ReadHashes seen;
  private final Results results;

  public ReadFileTool(Workspace workspace, ReadHashes seen, Results results) {
    this.workspace = workspace;
    this.seen = seen;
    this.results = results;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            NAME,
            "Read a text file of the workspace. Each line comes with its number and a tab, which"
                + " are not part of the file. Use offset and limit for long files. A picture (png,"
                + " jpg, gif, webp, bmp) is shown to you. For PDF use read_pdf.")
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
  public boolean imageAware() {
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
      FileKind kind = FileKind.of(file);
      if (kind == FileKind.IMAGE) {
        return picture(file, path);
      }
      if (kind != FileKind.TEXT) {
        return ToolResult.text(results.mask(kind.notice(file, path)));
      }
      seen.reading(context.turnId(), file);
      NumberedLines.Outcome read =
          NumberedLines.read(
              file,
              offset,
              limit,
              line -> {
                text.append(line);
                return true;
              });
      if (read.shown() == 0) {
        return read.last() == 0
            ? ToolResult.text("(empty file)")
            : ToolResult.error(
                "offset "
                    + offset
                    + " is behind the end: "
                    + path
                    + " has "
                    + read.last()
                    + " lines");
      }
      return ToolResult.text(text.finish());
    }
  }

  private ToolResult picture(OpenFile file, String path) throws IOException, InterruptedException {
    try {
      return ToolResult.text(results.mask("[Read image: " + path + "]"))
          .withImages(List.of(Images.of(file.stream(), "")));
    } catch (ImageRefusal e) {
      return ToolResult.error(
          results.mask(
              path
                  + " cannot be shown: "
                  + e.getMessage()
                  + ". Inspect it with bash, for example with file"));
    }
  }
}
