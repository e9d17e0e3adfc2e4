package ai.liberclaw.deploy.job;

import ai.liberclaw.deploy.progress.StepKey;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A job that was taken, as it was then.
 *
 * @param instanceId what it works on; a destroy works on all its agent ever had
 * @param generation the agent's at the time of queueing; a later one fences this job
 * @param release what the agent is to run; empty: what is current
 * @param step where an earlier attempt came to
 * @param attempt from 1
 * @param lease the right to work on it, different each time it is taken
 * @param queuedAt when it was asked for
 * @param startedAt when it was first taken
 */
public record Deployment(
    UUID id,
    UUID agentId,
    Optional<UUID> instanceId,
    long generation,
    DeploymentKind kind,
    Optional<String> release,
    Optional<StepKey> step,
    int attempt,
    String lease,
    Optional<Instant> deadline,
    Instant queuedAt,
    Instant startedAt) {
  Deployment on(UUID anotherInstance) {
    return new Deployment(
        id,
        agentId,
        Optional.of(anotherInstance),
        generation,
        kind,
        release,
        step,
        attempt,
        lease,
        deadline,
        queuedAt,
        startedAt);
  }
}
