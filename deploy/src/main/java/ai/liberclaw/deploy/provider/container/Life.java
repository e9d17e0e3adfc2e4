package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.engine.Engine;
import ai.liberclaw.deploy.engine.EngineContainer;
import ai.liberclaw.deploy.engine.EngineItem;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What an instance has in the engine, from its network to its end. The caller holds it. */
final class Life {
  /** From SIGTERM to SIGKILL, where nothing is lost by it. */
  static final Duration GRACE = Duration.ofSeconds(10);

  private static final Logger LOG = System.getLogger(Life.class.getName());

  private final Engine engine;
  private final Specs specs;
  private final Names names;
  private final Optional<UUID> agentId;

  Life(Engine engine, Specs specs, Names names, Optional<UUID> agentId) {
    this.engine = engine;
    this.specs = specs;
    this.names = names;
    this.agentId = agentId;
  }

  /** The network and the data; there already is success. */
  void room() throws InterruptedException {
    engine.createNetwork(names.network(), names.labels("network", agentId));
    engine.createVolume(names.data(), names.labels("data", agentId));
  }

  /**
   * Makes a configuration run, in the instance's network; what fits and runs is left alone.
   *
   * @param port of this machine; another when it is taken, which is recorded first
   */
  void run(String image, ContainerPlace.Variant variant, int port, Holder.Moved moved)
      throws InterruptedException {
    EngineContainer holder = new Holder(engine, specs, names, agentId).ensure(image, port, moved);
    Optional<EngineContainer> there = engine.container(names.agent());
    if (there.isPresent() && fits(there.get(), variant, holder)) {
      engine.start(names.agent());
      return;
    }
    end(GRACE);
    Map<String, String> labels = names.labels(Names.AGENT_ROLE, agentId);
    labels.put(Names.SERIAL, Integer.toString(variant.serial()));
    labels.put(Names.HOLDER, holder.id());
    if (!engine.create(names.agent(), specs.agent(image, labels, names, variant))) {
      throw new ProviderException("busy", "The agent's container is being replaced.", true, null);
    }
    engine.start(names.agent());
    LOG.log(
        Level.INFO,
        "agent.started instance=%s release=%s serial=%d"
            .formatted(names.instance(), variant.release(), variant.serial()));
  }

  /** Ends the agent, and deletes its container; its files stay. */
  void end(Duration grace) throws InterruptedException {
    engine.stop(names.agent(), grace);
    engine.removeContainer(names.agent());
  }

  /** Deletes all that carries the instance's marks; nothing of it is left. */
  void wipe() throws InterruptedException {
    List<String> marks = names.marks();
    requireOurs();
    engine.stop(names.agent(), GRACE);
    // The holder goes last: Podman keeps what others depend on.
    for (String name : List.of(names.agent(), names.desk(), names.holder())) {
      engine.removeContainer(name);
    }
    for (EngineItem network : engine.networks(marks)) {
      engine.removeNetwork(network.id());
    }
    for (EngineItem volume : engine.volumes(marks)) {
      engine.removeVolume(volume.id());
    }
    boolean gone =
        engine.containers(marks).isEmpty()
            && engine.volumes(marks).isEmpty()
            && engine.networks(marks).isEmpty();
    if (!gone) {
      throw new ProviderException("not_gone", "Something of the agent is still there.", true, null);
    }
  }

  /** Containers are ended by their names, which another installation could use, too. */
  private void requireOurs() throws InterruptedException {
    for (String name : List.of(names.agent(), names.desk(), names.holder())) {
      Optional<EngineContainer> there = engine.container(name);
      if (there.isPresent()
          && !there.get().label(Names.INSTALLATION).equals(names.installation().toString())) {
        throw new ProviderException(
            "foreign_container",
            "The agent's container belongs to another installation; it was left as it is.",
            false,
            null);
      }
    }
  }

  static boolean isVariant(EngineContainer agent, ContainerPlace.Variant variant) {
    return agent.label(Names.SERIAL).equals(Integer.toString(variant.serial()));
  }

  private static boolean fits(
      EngineContainer agent, ContainerPlace.Variant variant, EngineContainer holder) {
    // A holder that started later has another network than the one the agent still has.
    boolean joined =
        !holder.startedAt().orElse(Instant.EPOCH).isAfter(agent.startedAt().orElse(Instant.EPOCH));
    return agent.label(Names.HOLDER).equals(holder.id())
        && (joined || !agent.running())
        && isVariant(agent, variant);
  }
}
