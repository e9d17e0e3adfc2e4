package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code list_dir}: what lies in a folder. */
public final class ListDirTool implements Tool {
  static final int ENTRIES_MAX = 2_000;

  /** Entries looked at, so that a folder of millions cannot fill memory. */
  private static final int ENTRIES_READ_MAX = 200_000;

  private final Workspace workspace;

  public ListDirTool(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of("list_dir", "List the files and folders in a folder of the workspace.")
        .optional(
            "path", "string", "Path relative to the workspace; the workspace itself by default")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  private record Entry(String name, boolean folder) {}

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context) throws IOException {
    String path = arguments.path("path").asText(".");
    Path folder = workspace.existing(path.isEmpty() ? "." : path);
    if (!Files.isDirectory(folder)) {
      return ToolResult.error("not a directory: " + path);
    }
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (entries.size() == ENTRIES_READ_MAX) {
          break;
        }
        entries.add(new Entry(String.valueOf(child.getFileName()), folder(child)));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    if (entries.isEmpty()) {
      return ToolResult.text("(empty directory)");
    }
    entries.sort(
        Comparator.comparing(Entry::folder, Comparator.reverseOrder())
            .thenComparing(Entry::name, String.CASE_INSENSITIVE_ORDER)
            .thenComparing(Entry::name));
    List<String> lines = new ArrayList<>();
    for (Entry entry : entries.subList(0, Math.min(ENTRIES_MAX, entries.size()))) {
      lines.add((entry.folder() ? "[dir]  " : "[file]  ") + entry.name());
    }
    if (entries.size() > ENTRIES_MAX) {
      String more = entries.size() == ENTRIES_READ_MAX ? "at least " : "";
      lines.add("[" + more + (entries.size() - ENTRIES_MAX) + " more entries not shown]");
    }
    return ToolResult.text(String.join("\n", lines));
  }

  /** A link that leads out of the workspace is shown as a file. */
  private boolean folder(Path child) {
    if (!Files.isDirectory(child)) {
      return false;
    }
    try {
      return !Files.isSymbolicLink(child) || child.toRealPath().startsWith(workspace.root());
    } catch (IOException _) {
      return false;
    }
  }
}
