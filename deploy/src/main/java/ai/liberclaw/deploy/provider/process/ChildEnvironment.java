package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.deploy.provider.AgentSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * The whole environment of an agent's process: its settings, and the few names every process has.
 */
final class ChildEnvironment {
  static final Duration HEARTBEAT_INTERVAL = Duration.ofMinutes(30);

  private static final String UTF_8_LOCALE = "C.UTF-8";

  private ChildEnvironment() {}

  static Map<String, String> of(
      AgentSettings settings,
      int port,
      AgentDirectory directory,
      ModelAccess models,
      Map<String, String> own) {
    Map<String, String> environment = new TreeMap<>(models.variables());
    environment.put("AGENT_NAME", settings.name());
    // Base64, so that no character of a prompt means anything to whoever passes it on.
    environment.put(
        "SYSTEM_PROMPT_B64",
        Base64.getEncoder()
            .encodeToString(settings.systemPrompt().getBytes(StandardCharsets.UTF_8)));
    environment.put("MODEL", settings.model());
    environment.put("AGENT_SECRET_HASH", settings.secretHash());
    environment.put("OWNER_CHAT_ID", settings.ownerId().toString());
    environment.put("HEARTBEAT_INTERVAL", Long.toString(HEARTBEAT_INTERVAL.toSeconds()));
    environment.put("AGENT_RUNTIME", "process");
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
