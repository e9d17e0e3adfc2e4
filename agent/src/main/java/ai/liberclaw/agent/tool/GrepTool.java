package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.tool.grep.Grep;
import ai.liberclaw.agent.tool.grep.GrepQuery;
import ai.liberclaw.agent.workspace.Workspace;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code grep}: a regular expression in the contents of files. */
public final class GrepTool implements Tool {
  static final int LIMIT_DEFAULT = 200;
  static final int LIMIT_MAX = 1_000;
  static final int PATTERN_LENGTH_MAX = 2_000;

  /** Names of types that are no extension themselves, or stand for several. */
  private static final Map<String, List<String>> TYPES =
      Map.ofEntries(
          Map.entry("python", List.of("py", "pyi")),
          Map.entry("py", List.of("py", "pyi")),
          Map.entry("javascript", List.of("js", "jsx", "mjs", "cjs")),
          Map.entry("js", List.of("js", "jsx", "mjs", "cjs")),
          Map.entry("typescript", List.of("ts", "tsx", "mts", "cts")),
          Map.entry("ts", List.of("ts", "tsx", "mts", "cts")),
          Map.entry("rust", List.of("rs")),
          Map.entry("ruby", List.of("rb")),
          Map.entry("kotlin", List.of("kt", "kts")),
          Map.entry("c", List.of("c", "h")),
          Map.entry("cpp", List.of("cpp", "cc", "cxx", "hpp", "hh", "hxx", "h")),
          Map.entry("markdown", List.of("md", "markdown")),
          Map.entry("md", List.of("md", "markdown")),
          Map.entry("yaml", List.of("yaml", "yml")),
          Map.entry("html", List.of("html", "htm")),
          Map.entry("shell", List.of("sh", "bash", "zsh")),
          Map.entry("sh", List.of("sh", "bash", "zsh")),
          Map.entry("text", List.of("txt")));

  private final Workspace workspace;
  private final Grep grep;

  public GrepTool(Workspace workspace, Grep grep) {
    this.workspace = workspace;
    this.grep = grep;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "grep",
            "Search the contents of text files of the workspace with a regular expression, line by"
                + " line. Looked at are all files but hidden ones and those in node_modules and"
                + " __pycache__; a .gitignore makes no difference.")
        .required("pattern", "string", "The regular expression")
        .optional(
            "path",
            "string",
            "File or folder to search, relative to the workspace; all of it by default")
        .choice(
            "output_mode",
            List.of("content", "files_with_matches", "count"),
            "content (default) shows 'path:line:text', files_with_matches paths, count"
                + " 'path:number'")
        .optional("type_filter", "string", "Only files of this type or extension, such as py or md")
        .optional("case_sensitive", "boolean", "true by default")
        .integer("limit", 1, LIMIT_MAX, LIMIT_DEFAULT, "How many lines of result to show")
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
    if (pattern.isEmpty() || pattern.length() > PATTERN_LENGTH_MAX || pattern.indexOf('\0') >= 0) {
      return ToolResult.error("the pattern must have 1 to " + PATTERN_LENGTH_MAX + " characters");
    }
    if (pattern.indexOf('\n') >= 0) {
      return ToolResult.error("the pattern is matched within lines, so it cannot hold a line end");
    }
    Path place = workspace.existing(path.isEmpty() ? "." : path);
    if (Files.isRegularFile(place)) {
      workspace.refuseProtected(place);
    } else if (!Files.isDirectory(place)) {
      return ToolResult.error("neither file nor directory: " + path);
    }
    String type = arguments.path("type_filter").asText("").toLowerCase(Locale.ROOT);
    type =
        type.startsWith("*.") ? type.substring(2) : type.startsWith(".") ? type.substring(1) : type;
    if (!type.matches("[a-z0-9_+-]{0,20}")) {
      return ToolResult.error("type_filter must be a type or an extension, such as py or md");
    }
    try {
      return ToolResult.text(
          grep.search(
                  new GrepQuery(
                      pattern,
                      place,
                      mode(arguments.path("output_mode").asText("content")),
                      type.isEmpty() ? List.of() : TYPES.getOrDefault(type, List.of(type)),
                      arguments.path("case_sensitive").asBoolean(true),
                      arguments.path("limit").asInt(LIMIT_DEFAULT),
                      GrepQuery.TIME_MAX))
              .text());
    } catch (FileFault e) {
      return ToolResult.error(e.text());
    }
  }

  private static GrepQuery.Mode mode(String name) {
    return switch (name) {
      case "files_with_matches" -> GrepQuery.Mode.FILES;
      case "count" -> GrepQuery.Mode.COUNT;
      default -> GrepQuery.Mode.CONTENT;
    };
  }
}
