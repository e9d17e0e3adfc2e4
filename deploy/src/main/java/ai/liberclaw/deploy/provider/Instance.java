package ai.liberclaw.deploy.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/**
 * What an agent lives in, or is to live in. The row is there before anything of it exists, and
 * until all of it is gone.
 *
 * @param handle the provider's own record, see {@link Provider}
 */
public record Instance(
    UUID id,
    UUID agentId,
    String provider,
    InstanceState state,
    long generation,
    ObjectNode handle,
    Optional<Endpoint> endpoint,
    Optional<String> bootId) {}
