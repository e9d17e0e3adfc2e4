package ai.liberclaw.deploy.inference;

import java.util.UUID;

/**
 * Who calls the gateway: what a good token says. It is worth something while the agent's row is
 * there with this owner, and {@code agents.inference_generation <= generation}: every deployment
 * mints a token of its generation, and one that went well ends those before it; so does a rebuild,
 * at once. Whoever takes a call checks that in the same statement that reserves its budget.
 *
 * @param generation of the deployment it was minted for; 0 for an agent placed before there were
 *     tokens
 */
public record AgentToken(UUID agentId, UUID ownerId, long generation) {}
