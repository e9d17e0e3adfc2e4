package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileKind;
import ai.liberclaw.agent.tool.file.ReadHashes;
import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code read_many_files}: several text files at once; a long one leaves room for the others. */
public final class ReadManyFilesTool implements Tool {
  static final int FILES_MAX = 20;

  /** Characters of the whole result, a little less than what is passed on uncut. */
  private static final int LENGTH_MAX = BoundedText.LENGTH_MAX - 1_000;

  private final Workspace workspace;
  private final ReadHashes seen;

  public ReadManyFilesTool(Workspace workspace, ReadHashes seen) {
    this.workspace = workspace;
    this.seen = seen;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "read_many_files",
            "Read several text files of the workspace in one call, each under a line '== <path> =='"
                + " and with line numbers as in read_file. Long files are cut, so that all fit; the"
                + " cut says where to go on.")
        .list(
            "paths",
            Json.object().put("type", "string"),
            FILES_MAX,
            "Paths relative to the workspace, " + FILES_MAX + " at most")
        .required()
        .integer("offset", 1, Integer.MAX_VALUE, 1, "First line to read of each file, from 1")
        .integer("limit", 1, "How many lines to read of each file; all when not given")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    long offset = arguments.path("offset").asLong(1);
    long limit = arguments.path("limit").asLong(Long.MAX_VALUE);
    List<String> sections = new ArrayList<>();
    int left = LENGTH_MAX;
    int todo = arguments.path("paths").size();
    int failed = 0;
    for (JsonNode entry : arguments.path("paths")) {
      String path = entry.asText();
      String body;
      try {
        body = read(path, offset, limit, left / todo, context);
      } catch (WorkspaceRefusal e) {
        body = "[error: " + e.text() + "]\n";
        failed++;
      }
      String section = "== " + path + " ==\n" + body + (body.endsWith("\n") ? "" : "\n");
      sections.add(section);
      left = Math.max(0, left - section.length());
      todo--;
    }
    String text = String.join("\n", sections).stripTrailing();
    return ToolResult.of(text, failed == sections.size());
  }

  private String read(String path, long offset, long limit, int lengthMax, ToolContext context)
      throws IOException, InterruptedException {
    try (OpenFile file = workspace.open(path)) {
      FileKind kind = FileKind.of(file);
      if (kind != FileKind.TEXT) {
        return kind.notice(file, path);
      }
      seen.reading(context.turnId(), file);
      StringBuilder text = new StringBuilder();
      boolean[] cut = {false};
      NumberedLines.Outcome read =
          NumberedLines.read(
              file,
              offset,
              limit,
              line -> {
                cut[0] = !text.isEmpty() && text.length() + line.length() > lengthMax;
                if (!cut[0]) {
                  text.append(line);
                }
                return !cut[0];
              });
      if (cut[0]) {
        return text
            + "[cut: "
            + path
            + " goes on at line "
            + (read.last() + 1)
            + "; read_file shows it with that offset]";
      }
      if (read.shown() > 0) {
        return text.toString();
      }
      return read.last() == 0
          ? "(empty file)"
          : "(offset " + offset + " is behind the end: " + read.last() + " lines)";
    }
  }
}
