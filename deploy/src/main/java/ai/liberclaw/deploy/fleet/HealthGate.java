package ai.liberclaw.deploy.fleet;

import java.util.UUID;

/** Whether an agent that was updated is well. */
@FunctionalInterface
public interface HealthGate {
  /** False only for one that should answer and does not. */
  boolean well(UUID instanceId) throws InterruptedException;
}
