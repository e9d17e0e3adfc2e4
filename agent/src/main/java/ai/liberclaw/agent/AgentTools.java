package ai.liberclaw.agent;

import ai.liberclaw.agent.browser.BrowserTool;
import ai.liberclaw.agent.checkpoint.Checkpoints;
import ai.liberclaw.agent.journal.ProcessStore;
import ai.liberclaw.agent.model.Models;
import ai.liberclaw.agent.model.Painter;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.todo.TodoList;
import ai.liberclaw.agent.tool.ExecuteCodeTool;
import ai.liberclaw.agent.tool.FileServices;
import ai.liberclaw.agent.tool.GenerateImageTool;
import ai.liberclaw.agent.tool.ProcessTool;
import ai.liberclaw.agent.tool.Results;
import ai.liberclaw.agent.tool.StandardTools;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.VisionQueryTool;
import ai.liberclaw.agent.tool.code.Scripts;
import ai.liberclaw.agent.tool.process.Processes;
import ai.liberclaw.agent.tool.shell.Commands;
import ai.liberclaw.agent.tool.shell.OwnProcess;
import ai.liberclaw.agent.tool.shell.ShellGuard;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.secret.Mask;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Puts together the tools that an agent has of itself. */
final class AgentTools {
  /** How long a picture may take that is made for the model. */
  private static final Duration PAINTING_MAX = Duration.ofSeconds(60);

  private AgentTools() {}

  /**
   * All but {@code spawn} and those of MCP servers, always in the same order.
   *
   * @param parts gets what is to be closed
   */
  static Toolbox of(
      AgentConfig config,
      AgentHome home,
      Models models,
      Recall recall,
      Checkpoints checkpoints,
      TodoList todos,
      ProcessStore processStore,
      Mask mask,
      Parts parts) {
    Sandbox sandbox = home.sandbox();
    Workspace workspace = home.workspace();
    Commands commands = parts.add(new Commands(sandbox, home.data()));
    Path userHome =
        Path.of(sandbox.environment().getOrDefault("HOME", workspace.root().toString()));
    ShellGuard guard =
        new ShellGuard(workspace.root(), userHome, sandbox.environment(), OwnProcess.current());
    AddressPolicy addresses = new AddressPolicy(config.netAllowHosts());
    GuardedClient client = new GuardedClient(addresses);
    Path browserData = home.data().resolve("browser");
    Processes processes =
        new Processes(commands, workspace, processStore, mask::mask, Clock.systemUTC());
    Toolbox standard =
        StandardTools.of(
            workspace,
            commands,
            guard,
            client,
            config.recall().search().services(config.netAllowHosts()),
            mask,
            new FileServices(checkpoints, todos, sandbox.environment(), sandbox::child));
    return recall
        .with(standard)
        .with(new ProcessTool(processes, guard, workspace, Clock.systemUTC()))
        .with(new ExecuteCodeTool(new Scripts(commands), new Results(workspace, mask)))
        .with(new GenerateImageTool(new Painter(config.model(), PAINTING_MAX), workspace))
        .with(new VisionQueryTool(models.vision()))
        .with(
            parts.add(
                new BrowserTool(config.browser(), sandbox, browserData, addresses, mask::mask)));
  }
}
