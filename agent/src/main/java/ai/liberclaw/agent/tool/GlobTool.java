package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.tool.file.GlobSearch;
import ai.liberclaw.agent.tool.file.PathPattern;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.agent.workspace.WorkspaceWalk;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code glob}: files and folders by a pattern of their names. */
public final class GlobTool implements Tool {
  static final int LIMIT_DEFAULT = 100;
  static final int LIMIT_MAX = 500;

  private final Workspace workspace;

  public GlobTool(Workspace workspace) {
    this.workspace = workspace;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "glob",
            "Find files and folders of the workspace by name, newest first, folders with a slash."
                + " '*' stands for a part of a name, '**' for any folders, '{a,b}' for either:"
                + " '**/*.md' finds all Markdown files. Names that begin with a dot are found only"
                + " when the pattern says so, as '.*' does.")
        .required("pattern", "string", "The pattern, relative to path")
        .optional(
            "path", "string", "Folder to look in, relative to the workspace; all of it by default")
        .integer("limit", 1, LIMIT_MAX, LIMIT_DEFAULT, "How many to show")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    String path = arguments.path("path").asText("");
    String pattern = arguments.path("pattern").asText();
    int limit = arguments.path("limit").asInt(LIMIT_DEFAULT);
    Path folder = workspace.existing(path.isEmpty() ? "." : path);
    if (!Files.isDirectory(folder)) {
      return ToolResult.error("not a directory: " + path);
    }
    String root = workspace.root() + "/";
    if (pattern.startsWith(root)) {
      pattern = pattern.substring(root.length());
      folder = workspace.root();
    } else if (pattern.startsWith("/")) {
      return ToolResult.error("Path escapes workspace boundary: " + pattern);
    }
    GlobSearch.Result found;
    try {
      found = GlobSearch.in(workspace, folder, new PathPattern(pattern), limit);
    } catch (FileFault e) {
      return ToolResult.error(e.text());
    }
    List<String> lines = new ArrayList<>(found.paths());
    if (found.count() > found.paths().size()) {
      lines.add("[" + (found.count() - found.paths().size()) + " older ones not shown]");
    }
    if (!found.complete()) {
      lines.add(
          "[not everything was looked at: more than "
              + WorkspaceWalk.ENTRIES_MAX
              + " entries or "
              + WorkspaceWalk.DEPTH_MAX
              + " folders inside each other; use a narrower path]");
    }
    return ToolResult.text(lines.isEmpty() ? "(no matches)" : String.join("\n", lines));
  }
}
