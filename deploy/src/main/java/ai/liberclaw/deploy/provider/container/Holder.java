package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.engine.Engine;
import ai.liberclaw.deploy.engine.EngineContainer;
import ai.liberclaw.deploy.engine.EngineException;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The container that holds an agent's network: its address, its packet filter and the published
 * port are there before the agent runs, and stay when it is replaced.
 */
final class Holder {
  private static final Logger LOG = System.getLogger(Holder.class.getName());
  private static final Duration READY_MAX = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(40);
  private static final int LOG_BYTES_MAX = 2048;
  private static final int PORTS_TRIED_MAX = 5;

  private final Engine engine;
  private final Specs specs;
  private final Names names;
  private final Optional<UUID> agentId;

  Holder(Engine engine, Specs specs, Names names, Optional<UUID> agentId) {
    this.engine = engine;
    this.specs = specs;
    this.names = names;
    this.agentId = agentId;
  }

  /** Keeps a port that was taken in place of another. */
  interface Moved {
    void to(int port) throws InterruptedException;
  }

  /**
   * Makes it run on this port, or on another when that is taken, which is recorded first. An agent
   * in the network of an older one is ended.
   */
  EngineContainer ensure(String image, int wanted, Moved moved) throws InterruptedException {
    Optional<EngineContainer> there = engine.container(names.holder());
    if (there.isPresent()
        && there.get().running()
        && there.get().label(Names.PORT).equals(Integer.toString(wanted))) {
      return there.get();
    }
    int port = wanted;
    for (int attempt = 1; ; attempt++) {
      engine.removeContainer(names.agent());
      engine.removeContainer(names.holder());
      Map<String, String> labels = names.labels("net", agentId);
      labels.put(Names.PORT, Integer.toString(port));
      engine.create(names.holder(), specs.holder(image, labels, names.network(), port));
      try {
        engine.start(names.holder());
        return awaitReady();
      } catch (EngineException e) {
        if (!portTaken(e) || attempt == PORTS_TRIED_MAX) {
          throw e;
        }
      }
      port = freePort();
      moved.to(port);
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new ProviderException("no_port", "No port is free on this machine.", true, e);
    }
  }

  private EngineContainer awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_MAX.toNanos();
    while (true) {
      String log = engine.logs(names.holder(), LOG_BYTES_MAX);
      Optional<EngineContainer> holder = engine.container(names.holder());
      boolean running = holder.filter(EngineContainer::running).isPresent();
      if (running && log.contains(EgressRules.READY)) {
        return holder.get();
      }
      if (!running || System.nanoTime() > deadline) {
        LOG.log(
            Level.WARNING,
            "container.network_failed instance=%s log=%s".formatted(names.instance(), log));
        throw new ProviderException(
            "network_failed",
            "The network of the agent's container could not be set up.",
            true,
            null);
      }
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
  }

  private static boolean portTaken(EngineException e) {
    return e.says("already in use") || e.says("already allocated") || e.says("cannot expose port");
  }
}
