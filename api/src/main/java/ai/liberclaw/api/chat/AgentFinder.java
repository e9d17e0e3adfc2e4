package ai.liberclaw.api.chat;

import java.util.Optional;
import java.util.UUID;

/** Finds an agent of an owner; somebody else's is not found. */
@FunctionalInterface
public interface AgentFinder {
  Optional<ChatAgent> find(UUID ownerId, UUID agentId);
}
