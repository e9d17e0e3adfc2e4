package ai.liberclaw.agent.health;

import java.util.UUID;

/**
 * Who an agent is, from one start to the next.
 *
 * @param release the id of the release that runs
 * @param sandbox what keeps tools apart from the agent: {@code bubblewrap}, {@code user} or {@code
 *     weak}
 * @param bootId new at each start
 */
public record AgentIdentity(
    String name,
    String model,
    boolean hasInstructions,
    String release,
    String sandbox,
    UUID bootId) {
  /** The contract's version that callers of the originals compare; capabilities say the rest. */
  static final int VERSION = 10;

  /** The version of the routes, as the successor counts. */
  static final int API_VERSION = 3;
}
