package ai.liberclaw.deploy.adopt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an agent of the original is configured with: its file {@code .env}, raw lines {@code
 * KEY=value}.
 *
 * @param name of the agent
 * @param systemPrompt may have more lines than the original's own unit gave it
 * @param model of its answers
 * @param secret what its callers present
 */
public record OriginalSettings(String name, String systemPrompt, String model, String secret) {
  private static final String PROMPT = "SYSTEM_PROMPT";

  /** Those the original writes, in its order. */
  private static final Set<String> KEYS =
      Set.of(
          "AGENT_NAME",
          PROMPT,
          "MODEL",
          "LIBERTAI_API_KEY",
          "AGENT_SECRET",
          "PORT",
          "DB_PATH",
          "WORKSPACE_PATH",
          "OWNER_CHAT_ID",
          "HEARTBEAT_INTERVAL");

  /** Reads the file's text. */
  static OriginalSettings read(String text) {
    Map<String, String> values = new HashMap<>();
    String last = "";
    // Not lines(): a prompt may end with empty ones.
    for (String line : List.of(text.split("\n", -1))) {
      int equals = line.indexOf('=');
      String key = equals > 0 ? line.substring(0, equals) : "";
      if (KEYS.contains(key)) {
        // The last of two is the one its unit goes by.
        values.put(key, line.substring(equals + 1));
        last = key;
      } else if (last.equals(PROMPT)) {
        values.merge(PROMPT, line, (before, more) -> before + "\n" + more);
      }
    }
    return new OriginalSettings(
        values.getOrDefault("AGENT_NAME", "").strip(),
        values.getOrDefault(PROMPT, "").strip(),
        values.getOrDefault("MODEL", "").strip(),
        values.getOrDefault("AGENT_SECRET", "").strip());
  }

  @Override
  public String toString() {
    return "OriginalSettings[name=" + name + ", model=" + model + "]";
  }
}
