package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.adopt.Original;
import ai.liberclaw.deploy.adopt.OriginalAgent;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.HostAgents.Config;
import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * An instance whose agent is one of the original, until its first update puts ours in its place.
 * The handle says how far that is: {@code original} while the original is what runs, {@code taken}
 * while an update may still go back to it, {@code replaced} ever after.
 */
final class Adopted {
  private static final String ORIGINAL = "original";
  private static final String TAKEN = "taken";
  private static final String REPLACED = "replaced";
  private static final String RETURNED = "returned";
  private static final String NEXT_PORT = "next_port";
  private static final String PORT = "port";

  private final OriginalAgent original;
  private final HostAgents agents;

  Adopted(OriginalAgent original, HostAgents agents) {
    this.original = original;
    this.agents = agents;
  }

  /** Whether the original is what runs. */
  static boolean in(ObjectNode handle) {
    return handle.has(ORIGINAL);
  }

  /** Whether an update has taken its place and may go back. */
  static boolean taken(ObjectNode handle) {
    return handle.has(TAKEN);
  }

  /** Whether something of an original is on the machine. */
  static boolean once(ObjectNode handle) {
    return in(handle) || taken(handle) || handle.has(REPLACED);
  }

  /** The handle of an agent that runs as the original left it. */
  static ObjectNode handle(Host host, UUID agentId, UUID instanceId, Original found) {
    ObjectNode handle =
        Placed.handle(Json.object(), host, new Place(agentId, instanceId, found.port()));
    handle.putObject(ORIGINAL).put(PORT, found.port());
    return handle;
  }

  /** What stands for the boot id of an agent that has none: when its unit was started. */
  static String boot(Original found) {
    return "unit-" + found.started();
  }

  /** Prepares ours beside the original, which runs on. */
  ObjectNode prepare(Order order, String release) throws InterruptedException {
    Place place = agents.prepare(order.agentId(), order.instanceId());
    return order.handle().deepCopy().put("next_release", release).put(NEXT_PORT, place.port());
  }

  /** What ours is to be. */
  interface Configured {
    /** By the id of its release. */
    Config with(String release) throws InterruptedException;
  }

  /**
   * Ends the original and starts ours with its data; without a prepared one, starts the original.
   *
   * @param config what ours is to be
   */
  ObjectNode takeOver(Order order, Configured config) throws InterruptedException {
    ObjectNode handle = order.handle().deepCopy();
    if (!handle.has(NEXT_PORT)) {
      original.giveBack(order.agentId());
      return handle;
    }
    Original found =
        original
            .look()
            .orElseThrow(() ->
                new ProviderException(
                    "no_original", "There is no agent of the original there.", false, null));
    String release = handle.path("next_release").asText();
    Place place = new Place(order.agentId(), order.instanceId(), handle.path(NEXT_PORT).asInt());
    original.take(found, order.agentId());
    agents.configure(place, config.with(release));
    agents.start(place);
    handle.set(TAKEN, handle.remove(ORIGINAL));
    handle.put(PORT, place.port()).put("release", release);
    handle.remove("next_release");
    handle.remove(NEXT_PORT);
    handle.remove(RETURNED);
    return handle;
  }

  /** The update is over. */
  ObjectNode settle(Order order) throws InterruptedException {
    ObjectNode handle = order.handle().deepCopy();
    if (taken(handle)) {
      original.keep(
          order.agentId(), handle.path(TAKEN).path(PORT).asInt(), handle.path(PORT).asInt());
      handle.remove(TAKEN);
      handle.put(REPLACED, true);
    }
    handle.remove(RETURNED);
    return handle;
  }

  /** The original runs again; empty when an update has not touched it. */
  Optional<ObjectNode> revert(Order order) throws InterruptedException {
    ObjectNode handle = order.handle().deepCopy();
    if (!taken(handle) && !handle.has(NEXT_PORT) && !handle.has(RETURNED)) {
      return Optional.empty();
    }
    if (taken(handle)) {
      handle.set(ORIGINAL, handle.remove(TAKEN));
    }
    agents.stop(new Place(order.agentId(), order.instanceId(), 0));
    original.giveBack(order.agentId());
    handle.put(PORT, handle.path(ORIGINAL).path(PORT).asInt()).put(RETURNED, true);
    handle.remove("next_release");
    handle.remove(NEXT_PORT);
    handle.remove("release");
    return Optional.of(handle);
  }

  boolean started() throws InterruptedException {
    return original.look().filter(Original::active).isPresent();
  }

  Health health(Place place, Duration limit) throws InterruptedException {
    Health answer = agents.health(place, limit);
    if (!answer.answers() || answer.bootId().isPresent()) {
      return answer;
    }
    return new Health(true, original.look().map(Adopted::boot), Optional.empty(), answer.version());
  }
}
