package ai.liberclaw.agent.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a sandbox is made around.
 *
 * @param workspace where tools start and may write: a real path
 * @param data the agent's own folder
 * @param ownFiles the agent's database and settings, which tools shall not read
 * @param environment all that tools find in theirs
 */
public record Place(
    Path workspace, Path data, List<Path> ownFiles, Map<String, String> environment) {
  public Place {
    ownFiles = List.copyOf(ownFiles);
    environment = Map.copyOf(environment);
  }

  Programs programs() {
    return new Programs(environment.getOrDefault("PATH", ""));
  }

  /** The same for somebody who has no home of their own: it is the workspace. */
  Map<String, String> environmentAtHome() {
    Map<String, String> home = new TreeMap<>(environment);
    home.put("HOME", workspace.toString());
    home.remove("TMPDIR");
    home.remove("USER");
    return home;
  }
}
