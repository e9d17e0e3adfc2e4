package ai.liberclaw.agent.tool.shell;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What commands find in their environment: a few harmless names of the server's own, and what the
 * owner chose with {@code AGENT_TOOL_ENV_<NAME>}, without that prefix.
 */
public final class ChildEnvironment {
  public static final String CHOSEN_PREFIX = "AGENT_TOOL_ENV_";
  private static final Set<String> ALLOWED =
      Set.of("PATH", "HOME", "LANG", "TERM", "TZ", "USER", "SHELL", "TMPDIR");
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ChildEnvironment() {}

  /**
   * Chooses what a child gets.
   *
   * @param workspace the home directory where the server has none of its own, or one that holds the
   *     server's data
   * @param data the server's data folder
   */
  public static Map<String, String> of(Map<String, String> server, Path workspace, Path data) {
    Map<String, String> child = new TreeMap<>();
    server.forEach((name, value) -> {
      if (ALLOWED.contains(name) || name.startsWith("LC_")) {
        child.put(name, value);
      } else if (name.startsWith(CHOSEN_PREFIX) && name.length() > CHOSEN_PREFIX.length()) {
        child.put(name.substring(CHOSEN_PREFIX.length()), value);
      }
    });
    child.putIfAbsent("PATH", DEFAULT_PATH);
    child.putIfAbsent("LANG", "C.UTF-8");
    String home = child.getOrDefault("HOME", "");
    if (home.isEmpty() || Path.of(home).toAbsolutePath().normalize().startsWith(data)) {
      child.put("HOME", workspace.toString());
    }
    return child;
  }
}
