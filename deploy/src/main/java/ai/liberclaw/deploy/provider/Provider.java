package ai.liberclaw.deploy.provider;

import ai.liberclaw.deploy.progress.StepKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where agents live. Every call may be repeated after a crash and then finds what the first one
 * made; every call blocks, may be interrupted, and asks the order's fence before it makes anything.
 * The state of an instance between calls is its handle, an opaque JSON object kept in its row.
 *
 * <p>A create or rebuild is {@link #provision}, {@link #allocate}, {@link #reach}, {@link
 * #configure}, {@link #start} and the wait for health; an update is configure, start and that wait,
 * then {@link #settle}, or {@link #revert} when the agent did not become healthy.
 */
public interface Provider {
  /** What an agent {@link #lacking lacks} that works, but is not reached by its public name. */
  String NO_PUBLIC_NAME = "no_public_name";

  /** As stored in rows and configuration. */
  String name();

  /** Why no agent can be deployed here, for the operator's log; empty when one can. */
  Optional<String> missing();

  /** The steps this provider has nothing to do in. */
  Set<StepKey> idleSteps();

  /** How long one step may take here. */
  default Duration limit(StepKey step) {
    return Duration.ofSeconds(45);
  }

  /** Makes room for the instance: directories, ports, machines. Recorded before it exists. */
  void provision(Order order) throws InterruptedException;

  /** Waits until what was asked for is there: a started machine, an image. */
  default void allocate(Order order) throws InterruptedException {}

  /** Logs in to the machine and makes sure that it is the right one. */
  default void reach(Order order) throws InterruptedException {}

  /**
   * Puts in place what does not depend on the agent, so that configure has less to do: the release.
   * For a machine of the pool, which has no agent yet; its order has no settings.
   */
  default void prepare(Order order) throws InterruptedException {}

  /** Whether machines can be made ready before their agents are known. */
  default boolean poolable() {
    return false;
  }

  /**
   * Whether a machine of the pool is still fit for an agent: it answers, it is the right one, it
   * has room. Asked while it waits and once more before it is handed out.
   *
   * @throws ProviderException when it is not
   */
  default void inspect(Order order) throws InterruptedException {
    reach(order);
  }

  /** Whether money is running out here: then machines of the pool are the first to go. */
  default boolean scarce() {
    return false;
  }

  /** Puts configuration and skills in place; the agent does not run, or keeps running as it was. */
  void configure(Order order) throws InterruptedException;

  /**
   * Makes the agent run with what {@link #configure} put in place, and only once: what ran before
   * under this instance is ended first. In an update what ran before is kept aside, with a copy of
   * its database, until {@link #settle} or {@link #revert}.
   */
  void start(Order order) throws InterruptedException;

  /**
   * Lets go of what an update kept aside. Nothing there is success. Also the first call of an
   * update, in case that an earlier one left something.
   */
  default void settle(Order order) throws InterruptedException {}

  /**
   * Goes back to what ran before the update: its release, configuration and database, and starts
   * it. What was kept aside stays until {@link #settle}, so that this may be repeated; a repeated
   * call leaves alone what runs again already.
   *
   * @return false when nothing was kept aside: there is no way back, or no need for one
   */
  default boolean revert(Order order) throws InterruptedException {
    return false;
  }

  /** Whether what {@link #start} started last is still there, whatever was configured since. */
  boolean started(ObjectNode handle);

  /** The release that {@link #start} last started, where the provider gives them ids. */
  default Optional<String> release(ObjectNode handle) {
    return Optional.empty();
  }

  /** Where the instance answers, as far as it has been placed. */
  Optional<Endpoint> endpoint(ObjectNode handle);

  /**
   * What an agent that runs here lacks, one word: then it is shown as degraded. Empty when nothing.
   */
  default Optional<String> lacking(ObjectNode handle) {
    return Optional.empty();
  }

  /**
   * The newest lines the agent's server wrote, oldest first. They may hold secrets.
   *
   * @param lines at most this many, and at most {@value LogLines#LINES_MAX}
   * @throws ProviderException when they could not be had
   */
  default List<String> logs(Instance instance, int lines) throws InterruptedException {
    return List.of();
  }

  /** Asks the agent itself. */
  Health health(ObjectNode handle) throws InterruptedException;

  /** Ends the agent; its data stay. Does nothing when it does not run. */
  void stop(Order order) throws InterruptedException;

  /** Ends the agent and wipes all that was made for it. Nothing there is success. */
  void destroy(Order order) throws InterruptedException;

  /** Everything outside the database that carries this installation's id, whoever owns it. */
  default List<Found> inventory() throws InterruptedException {
    return List.of();
  }

  /** Whether {@link #inventory}, asked on this server, would list this one. */
  default boolean listed(ObjectNode handle) {
    return true;
  }

  /**
   * Destroys what {@link #inventory} found and no row owns. Nothing there is success.
   *
   * @throws ProviderException when it could not be confirmed to be gone
   */
  default void discard(Found found) throws InterruptedException {
    throw new ProviderException("not_discardable", "Nothing can be discarded here.", false, null);
  }
}
