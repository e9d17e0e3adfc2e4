package ai.liberclaw.agent.tool.grep;

import ai.liberclaw.agent.tool.file.FileFault;
import ai.liberclaw.agent.workspace.Workspace;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Searches with whatever this machine has; the results have the same form. */
public final class Grep {
  private final Workspace workspace;
  private final Optional<Ripgrep> ripgrep;

  /**
   * @param environment of the programs it starts, with the path where it looks for them
   * @param child starts them with the rights that tools have, so that a link put into their way
   *     shows them nothing that tools cannot read anyway
   */
  public Grep(Workspace workspace, Map<String, String> environment, Child child) {
    this.workspace = workspace;
    this.ripgrep =
        Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
            .filter(folder -> folder.startsWith("/"))
            .map(folder -> Path.of(folder, "rg"))
            .filter(Files::isExecutable)
            .findFirst()
            .map(program -> new Ripgrep(program, child, workspace));
  }

  /**
   * Searches.
   *
   * @throws FileFault when the pattern cannot be used
   */
  public GrepResult search(GrepQuery query) throws IOException, InterruptedException, FileFault {
    return ripgrep.isPresent() ? ripgrep.get().search(query) : BuiltInGrep.search(workspace, query);
  }
}
