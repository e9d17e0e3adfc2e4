package ai.liberclaw.deploy.provider;

import ai.liberclaw.deploy.progress.StepKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/**
 * Where agents live. Every call may be repeated after a crash and then finds what the first one
 * made; every call blocks, may be interrupted, and asks the order's fence before it makes anything.
 * The state of an instance between calls is its handle, an opaque JSON object kept in its row.
 */
public interface Provider {
  /** As stored in rows and configuration. */
  String name();

  /** Why no agent can be deployed here, for the operator's log; empty when one can. */
  Optional<String> missing();

  /** The steps this provider has nothing to do in. */
  Set<StepKey> idleSteps();

  /** Makes room for the instance: directories, ports, machines. Recorded before it exists. */
  void provision(Order order) throws InterruptedException;

  /** Puts configuration and skills in place; the agent does not run, or keeps running as it was. */
  void configure(Order order) throws InterruptedException;

  /**
   * Makes the agent run with what {@link #configure} put in place, and only once: what ran before
   * under this instance is ended first.
   */
  void start(Order order) throws InterruptedException;

  /** Whether what {@link #start} started is still there. */
  boolean started(ObjectNode handle);

  /** Where the instance answers, as far as it has been placed. */
  Optional<Endpoint> endpoint(ObjectNode handle);

  /** Asks the agent itself. */
  Health health(ObjectNode handle) throws InterruptedException;

  /** Ends the agent; its data stay. Does nothing when it does not run. */
  void stop(Order order) throws InterruptedException;

  /** Ends the agent and wipes all that was made for it. Nothing there is success. */
  void destroy(Order order) throws InterruptedException;
}
