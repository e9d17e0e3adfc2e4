package ai.liberclaw.api.chat;

import ai.liberclaw.deploy.client.AgentAddress;
import java.util.Optional;
import java.util.UUID;

/**
 * An owner's agent, as a conversation needs it.
 *
 * @param running whether its deployment is in the state in which it takes messages
 * @param address where it answers; empty while it has no machine
 * @param instanceId what it lives in now; empty for an adopted agent
 * @param messagesWait whether something it said on its own waited for its owner when it was found
 */
public record ChatAgent(
    UUID id,
    String name,
    boolean running,
    Optional<AgentAddress> address,
    Optional<UUID> instanceId,
    boolean messagesWait) {}
