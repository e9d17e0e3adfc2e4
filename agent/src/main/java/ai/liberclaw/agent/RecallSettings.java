package ai.liberclaw.agent;

import ai.liberclaw.agent.janitor.JanitorSettings;
import ai.liberclaw.agent.model.ModelSettings;
import ai.liberclaw.agent.scope.Owner;
import ai.liberclaw.agent.web.SearchSettings;
import ai.liberclaw.core.config.EnvReader;
import java.util.List;

/**
 * What the agent may find, know, and forget.
 *
 * @param ownerOnlyTools tools that only the owner's chats are offered
 * @param flush whether a compaction also looks for what is worth keeping in memory
 * @param scan whether memory and project files are searched for attempts to direct the model
 */
public record RecallSettings(
    SearchSettings search,
    Owner owner,
    List<String> ownerOnlyTools,
    boolean flush,
    boolean scan,
    JanitorSettings janitor) {
  public RecallSettings {
    ownerOnlyTools = List.copyOf(ownerOnlyTools);
  }

  /** Reads the variables and notes their problems in the reader. */
  static RecallSettings fromEnv(
      EnvReader env, ModelSettings model, String braveKey, String ownerChatId) {
    SearchSettings search = SearchSettings.fromEnv(env, braveKey, model.baseUrl(), model.apiKey());
    Owner owner = Owner.fromEnv(env, ownerChatId);
    List<String> ownerOnly =
        env.list(
            "OWNER_ONLY_TOOLS", List.of(), "tools that chats of others than the owner do not get");
    if (!ownerOnly.isEmpty() && !owner.known()) {
      env.problem("OWNER_ONLY_TOOLS", "needs OWNER_CHAT_ID or OWNER_TELEGRAM_ID");
    }
    return new RecallSettings(
        search,
        owner,
        ownerOnly,
        env.flag("COMPACTION_FLUSH_ENABLED", true, "keep what matters when history is summarised"),
        env.flag("CONTEXT_SCANNER", true, "look for attempts to direct the model in its own files"),
        JanitorSettings.fromEnv(env));
  }
}
