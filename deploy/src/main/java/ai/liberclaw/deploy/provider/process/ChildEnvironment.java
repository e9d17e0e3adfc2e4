package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.AgentVariables;
import ai.liberclaw.deploy.provider.ModelAccess;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * The whole environment of an agent's process: its settings, and the few names every process has.
 */
final class ChildEnvironment {
  /** Linux takes no variable of 128 KiB or more, its name included. */
  static final int VALUE_LENGTH_MAX = 100_000;

  private static final String UTF_8_LOCALE = "C.UTF-8";

  private static final Set<PosixFilePermission> OWN_FILE =
      PosixFilePermissions.fromString("rw-------");

  private ChildEnvironment() {}

  static Map<String, String> of(
      AgentSettings settings,
      String release,
      int port,
      AgentDirectory directory,
      ModelAccess models,
      Map<String, String> own) {
    Map<String, String> environment = AgentVariables.of(settings, models);
    environment.put("AGENT_RUNTIME", "process");
    environment.put("AGENT_RELEASE", release);
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", Integer.toString(port));
    environment.put("DB_PATH", directory.database().toString());
    environment.put("WORKSPACE_PATH", directory.workspace().toString());
    environment.put("HOME", directory.root().toString());
    environment.put("TMPDIR", directory.temporary().toString());
    environment.put("PATH", own.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
    // Java takes its encoding of file names from here, and with another it opens ASCII names alone.
    environment.put("LANG", UTF_8_LOCALE);
    environment.put("LC_ALL", UTF_8_LOCALE);
    return environment;
  }

  /**
   * Moves values that are too long for the system into a file that the agent reads: a great prompt.
   * Nothing secret is that long.
   */
  static void fit(Map<String, String> environment, Path file) throws IOException {
    ObjectNode moved = Json.object();
    environment.forEach((name, value) -> {
      if (value.length() > VALUE_LENGTH_MAX) {
        moved.put(name, value);
      }
    });
    Files.deleteIfExists(file);
    if (!moved.isEmpty()) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(OWN_FILE));
      Files.writeString(file, Json.write(moved));
      moved.fieldNames().forEachRemaining(environment::remove);
      environment.put("AGENT_CONFIG_FILE", file.toString());
    }
  }
}
