package ai.liberclaw.deploy.fleet;

import java.util.List;
import java.util.Optional;

/**
 * All agents, and the rollout that goes on or was the last.
 *
 * @param members of that rollout
 */
public record FleetStatus(
    List<FleetGroup> groups, Optional<Rollout> rollout, List<RolloutAgent> members) {
  public FleetStatus {
    groups = List.copyOf(groups);
    members = List.copyOf(members);
  }
}
