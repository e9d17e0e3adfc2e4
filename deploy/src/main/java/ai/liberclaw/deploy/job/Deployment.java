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
 * @param attempt from 1; counted anew once it has failed
 * @param lease the right to work on it, different each time it is taken
 * @param failure why it has failed, when all that is left is to take back what it began
 * @param returned it has failed, and the agent runs again as before it
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
    Optional<Failure> failure,
    boolean returned,
    Instant queuedAt,
    Instant startedAt) {
  /**
   * Why a job has failed.
   *
   * @param code machine word
   * @param message for the owner
   */
  public record Failure(String code, String message) {}

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
        failure,
        returned,
        queuedAt,
        startedAt);
  }
}
