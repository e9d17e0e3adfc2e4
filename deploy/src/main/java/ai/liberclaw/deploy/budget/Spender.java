package ai.liberclaw.deploy.budget;

import java.util.UUID;

/** Who calls a model. */
public sealed interface Spender {
  /** The user whose budget it is. */
  UUID userId();

  /**
   * An agent.
   *
   * @param generation of its token; refused when the agent has moved on, see {@code
   *     agents.inference_generation}
   */
  record Agent(UUID id, UUID userId, long generation) implements Spender {}

  /** A user without an agent. */
  record User(UUID userId) implements Spender {}
}
