package ai.liberclaw.deploy.client;

import java.util.Optional;

/**
 * The answer of an agent's {@code /health}.
 *
 * @param version empty when the agent does not say
 */
public record AgentHealth(Optional<Integer> version, AgentCapabilities capabilities) {}
