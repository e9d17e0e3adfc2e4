package ai.liberclaw.deploy.agent;

import ai.liberclaw.deploy.job.DeploymentKind;
import ai.liberclaw.deploy.job.DeploymentStore;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;

/** Queues updates of agents where they are. */
public final class AgentUpdates {
  private static final Set<String> UPDATABLE = Set.of("running", "failed");

  private AgentUpdates() {}

  /** What came of asking for an update. */
  public sealed interface Outcome {
    /** It goes on as this deployment. */
    record Queued(UUID deployment) implements Outcome {}

    /** Another deployment of the agent goes on. */
    record Busy() implements Outcome {}

    /** The agent is gone, was never placed, or is neither running nor failed. */
    record Impossible() implements Outcome {}
  }

  /**
   * Queues an update, in the caller's transaction, whoever owns the agent.
   *
   * @param release what the agent is to run; empty: the one that is current then
   */
  public static Outcome queue(DSLContext sql, UUID agentId, Optional<String> release) {
    return AgentStore.lock(sql, agentId)
        .map(agent -> queue(sql, agent, release))
        .orElseGet(Outcome.Impossible::new);
  }

  /** As the other; the agent's row is locked. */
  static Outcome queue(DSLContext sql, Agent agent, Optional<String> release) {
    if (DeploymentStore.active(sql, agent.id())) {
      return new Outcome.Busy();
    }
    Optional<Instance> instance =
        agent
            .instanceId()
            .flatMap(id -> InstanceStore.find(sql, id))
            .filter(i -> i.endpoint().isPresent());
    if (!UPDATABLE.contains(agent.status()) || instance.isEmpty()) {
      return new Outcome.Impossible();
    }
    long generation = agent.generation() + 1;
    UUID instanceId = instance.get().id();
    AgentStore.setGeneration(sql, agent.id(), generation);
    InstanceStore.advance(sql, instanceId, generation);
    InstanceStore.moveTo(sql, instanceId, InstanceState.UPDATING);
    return new Outcome.Queued(
        DeploymentStore.queue(
            sql, agent.id(), Optional.of(instanceId), generation, DeploymentKind.UPDATE, release));
  }
}
