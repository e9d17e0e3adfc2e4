package ai.liberclaw.deploy.adopt;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An agent of the original, as its machine shows it.
 *
 * @param port where it listens on loopback
 * @param active whether its unit runs
 * @param started monotonic time of its start, which stands for a boot id
 * @param bytes of database and workspace
 * @param freeBytes where they are to be copied
 * @param site name under which its proxy serves it
 */
public record Original(
    int port,
    String database,
    String workspace,
    boolean active,
    String started,
    long bytes,
    long freeBytes,
    Optional<String> site) {
  /** Plain absolute paths: they become words of a script. */
  private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._/-]{1,200}");

  private static final Pattern SITE =
      Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}");

  private static final int PORT_MAX = 65_535;

  /** Reads what the script printed; empty where there is no original, or an unusual one. */
  static Optional<Original> read(String printed) {
    Map<String, String> values = new HashMap<>();
    for (String line : printed.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1).strip());
      }
    }
    if (!"yes".equals(values.get("original"))) {
      return Optional.empty();
    }
    try {
      Original found =
          new Original(
              Integer.parseInt(values.getOrDefault("port", "")),
              values.getOrDefault("database", ""),
              values.getOrDefault("workspace", ""),
              "active".equals(values.get("active")),
              values.getOrDefault("started", ""),
              Long.parseLong(values.getOrDefault("bytes", "")),
              Long.parseLong(values.getOrDefault("free", "")),
              Optional.ofNullable(values.get("site")).filter(SITE.asMatchPredicate()));
      return Optional.of(found).filter(Original::usable);
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private boolean usable() {
    return port > 0
        && port <= PORT_MAX
        && PATH.matcher(database).matches()
        && PATH.matcher(workspace).matches()
        && !database.contains("..")
        && !workspace.contains("..");
  }
}
