package ai.liberclaw.deploy.provider;

import ai.liberclaw.deploy.inference.AgentToken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;

/**
 * What an agent is configured with wherever it lives, by the names of the agent's own variables.
 */
public final class AgentVariables {
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofMinutes(30);

  private AgentVariables() {}

  /**
   * Settings of the agent and its way to a model. Where it listens and keeps its files is added by
   * the provider, and so is {@code AGENT_RUNTIME}.
   *
   * @return a new map that may be added to
   * @throws ProviderException when there is no way to a model
   */
  public static Map<String, String> of(UUID agentId, AgentSettings settings, ModelAccess models)
      throws InterruptedException {
    Map<String, String> variables =
        models.of(new AgentToken(agentId, settings.ownerId(), settings.generation()));
    variables.put("AGENT_NAME", settings.name());
    // Base64, so that no character of a prompt means anything to whoever passes it on.
    variables.put(
        "SYSTEM_PROMPT_B64",
        Base64.getEncoder()
            .encodeToString(settings.systemPrompt().getBytes(StandardCharsets.UTF_8)));
    variables.put("MODEL", settings.model());
    variables.put("AGENT_SECRET_HASH", settings.secretHash());
    variables.put("OWNER_CHAT_ID", settings.ownerId().toString());
    variables.put("HEARTBEAT_INTERVAL", Long.toString(HEARTBEAT_INTERVAL.toSeconds()));
    return variables;
  }
}
