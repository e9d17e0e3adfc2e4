package ai.liberclaw.deploy.pool;

import ai.liberclaw.deploy.provider.InstanceState;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An instance that no agent has.
 *
 * @param warmAt since when it waits
 * @param lookedAt when it was last found fit
 * @param notBefore when a destroy that failed is tried again
 * @param changedAt when its row last changed
 */
record PoolMachine(
    UUID id,
    String provider,
    InstanceState state,
    ObjectNode handle,
    Optional<Instant> warmAt,
    Optional<Instant> lookedAt,
    Optional<Instant> notBefore,
    Instant changedAt) {
  boolean preparing() {
    return switch (state) {
      case REQUESTED, PROVISIONING, ALLOCATED -> true;
      case WARM,
          DEPLOYING,
          RUNNING,
          UPDATING,
          DEGRADED,
          STOPPED,
          DESTROYING,
          DESTROYED,
          FAILED ->
          false;
    };
  }

  boolean warm() {
    return state == InstanceState.WARM;
  }

  boolean doomed() {
    return state == InstanceState.DESTROYING;
  }
}
