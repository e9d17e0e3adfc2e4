package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.AgentVariables;
import ai.liberclaw.deploy.provider.ModelAccess;
import java.util.Map;
import java.util.UUID;

/**
 * The whole environment of an agent's process: its settings, and the few names every process has.
 */
final class ChildEnvironment {
  private static final String UTF_8_LOCALE = "C.UTF-8";

  private ChildEnvironment() {}

  static Map<String, String> of(
      UUID agentId,
      AgentSettings settings,
      String release,
      int port,
      AgentDirectory directory,
      ModelAccess models,
      Map<String, String> own)
      throws InterruptedException {
    Map<String, String> environment = AgentVariables.of(agentId, settings, models);
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
}
