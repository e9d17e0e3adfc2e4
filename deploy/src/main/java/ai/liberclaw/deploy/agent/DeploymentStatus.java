package ai.liberclaw.deploy.agent;

import ai.liberclaw.deploy.progress.Progress;
import java.util.Optional;
import java.util.UUID;

/**
 * An agent and how its last deployment went or goes, all of one moment.
 *
 * @param active the job that goes on; empty when none does
 */
public record DeploymentStatus(Agent agent, Progress progress, Optional<UUID> active) {}
