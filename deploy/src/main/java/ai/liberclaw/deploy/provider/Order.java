package ai.liberclaw.deploy.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.UUID;

/** One instance to work on, and the right to do so. */
public interface Order {
  /** Not available to an order for a machine of the pool. */
  UUID agentId();

  UUID instanceId();

  /** What the agent is to be. Not available to an order that only destroys. */
  AgentSettings settings();

  /** The release to run; empty: the current one, or the server's own where there are none. */
  Optional<String> release();

  /** The handle as last recorded; empty before the first time. */
  ObjectNode handle();

  /**
   * Goes on only while the order stands. A provider asks right before it makes something, holding
   * whatever keeps others from the same instance.
   *
   * @throws Fenced when a newer order took over, or the agent is gone
   */
  void check();

  /**
   * Keeps the handle in the instance's row.
   *
   * @throws Fenced as {@link #check}
   */
  void record(ObjectNode handle);
}
