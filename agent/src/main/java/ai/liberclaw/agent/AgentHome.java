package ai.liberclaw.agent;

import ai.liberclaw.agent.context.Surroundings;
import ai.liberclaw.agent.context.WorkspaceTemplate;
import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.SandboxChoice;
import ai.liberclaw.agent.sandbox.WorkspaceHandover;
import ai.liberclaw.agent.tool.shell.ChildEnvironment;
import ai.liberclaw.agent.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an agent lives on its machine.
 *
 * @param data the folder of its database, which its tools have nothing to do with
 * @param sandbox keeps the programs of its tools away from that
 */
record AgentHome(Path data, Sandbox sandbox, Workspace workspace) {
  /**
   * Tries what keeps tools apart here, and makes the workspace.
   *
   * @throws IOException when the workspace cannot be used
   */
  static AgentHome open(AgentConfig config) throws IOException {
    Path data = config.dbPath().toAbsolutePath().normalize().resolveSibling("");
    List<Path> own = new ArrayList<>(List.of(config.dbPath(), Path.of(".env")));
    config.configFile().ifPresent(own::add);
    own.replaceAll(file -> file.toAbsolutePath().normalize());
    Sandbox sandbox = sandbox(config, data, own);
    Workspace workspace = new Workspace(config.workspace(), own, sandbox.handover());
    WorkspaceTemplate.copyTo(workspace.root());
    new WorkspaceHandover(sandbox).all();
    return new AgentHome(data, sandbox, workspace);
  }

  private static Sandbox sandbox(AgentConfig config, Path data, List<Path> own) throws IOException {
    Files.createDirectories(config.workspace());
    Path root = config.workspace().toRealPath();
    Place place = new Place(root, data, own, ChildEnvironment.of(config.environment(), root, data));
    try {
      boolean shared = config.surroundings() == Surroundings.PROCESS;
      return new SandboxChoice(config.sandbox(), place, shared).choose();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while sandboxes were tried", e);
    }
  }
}
