package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.pdf.PdfReader;
import ai.liberclaw.agent.tool.file.FileEditor;
import ai.liberclaw.agent.tool.file.ReadHashes;
import ai.liberclaw.agent.tool.grep.Grep;
import ai.liberclaw.agent.tool.patch.PatchApplier;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.web.SearchService;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.secret.Mask;
import java.util.ArrayList;
import java.util.List;

/** The tools every agent has. */
public final class StandardTools {
  private StandardTools() {}

  /**
   * All but {@code spawn}, which {@link Toolbox#with} adds for those who may have it.
   *
   * @param search empty for none: then {@code web_search} says so
   */
  public static Toolbox of(
      Workspace workspace,
      Commands commands,
      ShellGuard guard,
      GuardedClient client,
      List<SearchService> search,
      Mask mask,
      FileServices files) {
    Results results = new Results(workspace, mask);
    ReadHashes seen = new ReadHashes();
    FileEditor editor = new FileEditor(workspace, seen);
    List<Tool> tools =
        new ArrayList<>(
            List.of(
                new BashTool(commands, guard, results),
                new ReadFileTool(workspace, seen, results),
                new WriteFileTool(workspace, seen),
                new EditFileTool(editor),
                new MultiEditTool(editor),
                new ApplyPatchTool(new PatchApplier(workspace, seen)),
                new ReadManyFilesTool(workspace, seen),
                new ReadPdfTool(workspace, new PdfReader(files.environment())),
                new ListDirTool(workspace),
                new GlobTool(workspace),
                new GrepTool(workspace, new Grep(workspace, files.environment(), files.child())),
                new TodoTool(files.todos()),
                new CheckpointTool(files.checkpoints()),
                new WebFetchTool(client, workspace, results),
                new WebSearchTool(search),
                new SendFileTool(workspace)));
    return new Toolbox(tools, results);
  }
}
