package ai.liberclaw.agent.tool;

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
   * @param search empty for none: then there is no {@code web_search}
   */
  public static Toolbox of(
      Workspace workspace,
      Commands commands,
      ShellGuard guard,
      GuardedClient client,
      List<SearchService> search,
      Mask mask) {
    Results results = new Results(workspace, mask);
    List<Tool> tools =
        new ArrayList<>(
            List.of(
                new BashTool(commands, guard, results),
                new ReadFileTool(workspace, results),
                new WriteFileTool(workspace),
                new EditFileTool(workspace),
                new ListDirTool(workspace),
                new WebFetchTool(client, workspace, results)));
    if (!search.isEmpty()) {
      tools.add(new WebSearchTool(search));
    }
    tools.add(new SendFileTool(workspace));
    return new Toolbox(tools, results);
  }
}
