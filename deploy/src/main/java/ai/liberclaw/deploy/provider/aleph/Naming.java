package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephHttp;
import ai.liberclaw.deploy.aleph.PublicNames;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Makes agents answer under the public names of their machines. A name belongs to its machine
 * before any agent does, so its certificate is asked for as early as the machine lets us in.
 */
final class Naming {
  private static final Logger LOG = System.getLogger(Naming.class.getName());
  private static final Duration LOOK_TIME_MAX = Duration.ofSeconds(10);
  private static final int LOOKS = 3;

  private final PublicNames names;
  private final Machines machines;
  private final HostProxy proxy;
  private final PublicLook look;
  private final AlephTimes times;

  Naming(PublicNames names, Machines machines, HostProxy proxy, PublicLook look, AlephTimes times) {
    this.names = names;
    this.machines = machines;
    this.proxy = proxy;
    this.look = look;
    this.times = times;
  }

  /** The usual way of asking. */
  static PublicLook over(AlephHttp http) {
    return name -> {
      try {
        http.ask("https://" + name + "/health", LOOK_TIME_MAX);
        return true;
      } catch (AlephException e) {
        return e.kind() == AlephException.Kind.BUSY;
      }
    };
  }

  /**
   * Has the machine ask for its certificate, if its name is known by now; waits for neither.
   *
   * @return the machine as it was recorded
   */
  MachineHandle begin(Order order, MachineHandle handle) throws InterruptedException {
    if (handle.name().isPresent()) {
      return handle;
    }
    Optional<String> name = name(handle);
    if (name.isEmpty() || !reserved(handle, name.get())) {
      return handle;
    }
    MachineHandle named = handle.named(name.get(), false);
    order.record(named.json());
    return named;
  }

  /**
   * As {@link #begin}, for a machine that is to wait for its agent: there is time for all of it.
   */
  void reserve(Order order, MachineHandle handle) throws InterruptedException {
    long deadline = deadline();
    MachineHandle named = handle;
    for (int tries = 1; System.nanoTime() < deadline; tries++) {
      named = begin(order, named);
      if (named.name().isPresent() && look.answers(named.name().get())) {
        return;
      }
      pause(tries);
    }
    LOG.log(Level.WARNING, "aleph.not_public instance=" + handle.instanceId());
  }

  /**
   * Makes the agent answer under its machine's name. Without a name that answers it is reached
   * through SSH, and works all the same.
   */
  void give(Order order, MachineHandle handle) throws InterruptedException {
    long deadline = deadline();
    MachineHandle named = handle;
    boolean served = false;
    for (int tries = 1; System.nanoTime() < deadline; tries++) {
      if (!served) {
        Optional<String> name = named.name().isPresent() ? named.name() : name(named);
        served = name.isPresent() && served(named, name.get());
        if (served) {
          named = named.named(name.orElseThrow(), false);
          order.record(named.json());
        }
      }
      if (served && look.answers(named.name().orElseThrow())) {
        order.record(named.named(named.name().orElseThrow(), true).json());
        return;
      }
      pause(tries);
    }
    LOG.log(
        Level.WARNING,
        "aleph.not_public agent=%s instance=%s named=%s"
            .formatted(order.agentId(), handle.instanceId(), named.name().isPresent()));
  }

  /**
   * Looks once more for an agent that has no name that answers.
   *
   * @return the machine with its name, when it answers now
   */
  Optional<MachineHandle> again(MachineHandle handle) throws InterruptedException {
    Optional<String> name = handle.name().isPresent() ? handle.name() : name(handle);
    return name.isPresent() && served(handle, name.get()) && answers(name.get())
        ? Optional.of(handle.named(name.get(), true))
        : Optional.empty();
  }

  /** Whether nobody answers under a name any more, not even for an agent that is down. */
  boolean lost(String name) throws InterruptedException {
    return !answers(name);
  }

  private boolean answers(String name) throws InterruptedException {
    for (int tries = 1; tries <= LOOKS; tries++) {
      if (look.answers(name)) {
        return true;
      }
      pause(tries);
    }
    return false;
  }

  private Optional<String> name(MachineHandle handle) throws InterruptedException {
    if (handle.hash().isEmpty()) {
      return Optional.empty();
    }
    try {
      return names.name(handle.hash().get());
    } catch (AlephException e) {
      LOG.log(Level.DEBUG, "aleph.name_unknown hash=" + handle.hash().get() + " kind=" + e.kind());
      return Optional.empty();
    }
  }

  private interface Placing {
    void at(HostShell shell) throws InterruptedException;
  }

  private boolean reserved(MachineHandle handle, String name) throws InterruptedException {
    return done(handle, shell -> proxy.reserve(shell, handle.instanceId(), name));
  }

  private boolean served(MachineHandle handle, String name) throws InterruptedException {
    int port = handle.agentPort().orElseThrow();
    return done(handle, shell -> proxy.serve(shell, handle.instanceId(), name, port));
  }

  /** What is wrong with the proxy is no reason to do without the agent. */
  private boolean done(MachineHandle handle, Placing placing) throws InterruptedException {
    try {
      placing.at(machines.shell(handle));
      return true;
    } catch (ProviderException e) {
      if (!e.code().startsWith("proxy_")) {
        throw e;
      }
      LOG.log(
          Level.WARNING,
          "aleph.not_named instance=" + handle.instanceId() + " code=" + e.code(),
          e);
      return false;
    }
  }

  private long deadline() {
    return System.nanoTime() + times.named().toNanos();
  }

  private void pause(int tries) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(times.poll().delay(tries).toNanos());
  }
}
