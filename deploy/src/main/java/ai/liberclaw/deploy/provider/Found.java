package ai.liberclaw.deploy.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that a provider has and that carries this installation's id.
 *
 * @param externalId its name there: a container id, an instance hash; where a place is made for
 *     each agent, the agent's id
 * @param instanceId the instance it says it belongs to
 * @param handle enough to destroy it
 * @param createdAt as far as the provider knows
 */
public record Found(
    String externalId, Optional<UUID> instanceId, ObjectNode handle, Optional<Instant> createdAt) {}
