package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.cluster.LeaseLostException;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.TimeLimit;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Looks after the registered machines, on one of all servers: notes which can be reached, and
 * starts agents that should run and do not, as after a restart of a machine without systemd.
 */
public final class HostKeeper {
  /** The name of the leased task. */
  public static final String TASK = "hosts";

  private static final Logger LOG = System.getLogger(HostKeeper.class.getName());
  private static final Duration HOST_TIME_MAX = Duration.ofMinutes(2);

  /** Machines looked at at a time. */
  private static final int LOOKS_MAX = 32;

  /** Looks in a row at which an agent was not up, after which its owner sees it. */
  private static final int FAILURES_MAX = 3;

  /** Names asked for at a look, of each machine. */
  private static final int NAMES_MAX = 4;

  /** Looks in a row at which a machine or name was silent, after which something is done. */
  private static final int SILENCES_MAX = 3;

  private final PlatformDatabase database;
  private final Hosts hosts;
  private final AgentNames names;
  private final Alarms alarms;
  private final Duration period;
  private final Map<UUID, Integer> failures = new ConcurrentHashMap<>();
  private final Map<UUID, Integer> silences = new ConcurrentHashMap<>();
  private final Map<UUID, Integer> unnamed = new ConcurrentHashMap<>();
  private final AtomicInteger looks = new AtomicInteger();

  /**
   * @param period between two looks
   */
  public HostKeeper(
      PlatformDatabase database, Hosts hosts, AgentNames names, Alarms alarms, Duration period) {
    this.database = database;
    this.hosts = hosts;
    this.names = names;
    this.alarms = alarms;
    this.period = period;
  }

  /** Has it done from now on. */
  public void addTo(ClusterTasks tasks) {
    tasks.every(TASK, period, this::look);
  }

  /** Looks at all machines once. */
  void look(Lease lease) throws InterruptedException {
    List<Host> all = hosts.all();
    Map<UUID, List<Instance>> kept =
        InstanceStore.in(database.dsl(), SshProvider.NAME, InstanceState.kept()).stream()
            .filter(i -> Placed.in(i.handle()))
            .collect(Collectors.groupingBy(instance -> Placed.host(instance.handle())));
    forgetOthers(all, kept);
    looks.addAndGet(NAMES_MAX);
    Semaphore free = new Semaphore(LOOKS_MAX);
    List<Thread> threads =
        all.stream()
            .map(host ->
                Thread.ofVirtual()
                    .name("host-" + host.name())
                    .start(() -> look(lease, host, kept.getOrDefault(host.id(), List.of()), free)))
            .toList();
    try {
      for (Thread look : threads) {
        look.join();
      }
    } finally {
      threads.forEach(Thread::interrupt);
    }
  }

  private void forgetOthers(List<Host> all, Map<UUID, List<Instance>> kept) {
    silences.keySet().retainAll(all.stream().map(Host::id).collect(Collectors.toSet()));
    Set<UUID> instances =
        kept.values().stream().flatMap(List::stream).map(Instance::id).collect(Collectors.toSet());
    failures.keySet().retainAll(instances);
    unnamed.keySet().retainAll(instances);
  }

  private void look(Lease lease, Host host, List<Instance> kept, Semaphore free) {
    try {
      free.acquire();
      try {
        TimeLimit.run(HOST_TIME_MAX, "host-" + host.name(), () -> lookAt(lease, host, kept));
      } finally {
        free.release();
      }
    } catch (ProviderException e) {
      silent(lease, host, e);
    } catch (InterruptedException | LeaseLostException _) {
      // Another server looks from now on.
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "host.look_failed host=" + host.name(), e);
    }
  }

  private void lookAt(Lease lease, Host host, List<Instance> kept) throws InterruptedException {
    HostAgents agents = hosts.on(host);
    Map<UUID, String> states = agents.states();
    database.transaction(sql -> {
      lease.hold(sql);
      HostStore.reached(sql, host.id());
      return true;
    });
    silences.remove(host.id());
    if (host.errorCode().isPresent()) {
      alarms.clear(alarm(host));
      LOG.log(Level.INFO, "host.reached host=" + host.name());
    }
    for (Instance instance : kept) {
      if (Adopted.in(instance.handle())) {
        // The original's own unit keeps it up.
        continue;
      }
      String state = states.getOrDefault(instance.agentId(), "");
      switch (state) {
        case "active", "reloading" -> up(lease, instance);
        // What is not there at all is the reconciler's to tell.
        case "" -> {}
        // systemd is at it already: it starts what ended, again and again.
        case "activating", "deactivating" -> failed(lease, instance, state);
        default -> resume(lease, agents, instance);
      }
    }
    List<Instance> named = kept.stream().filter(i -> AgentNames.named(i.handle())).toList();
    for (int i = 0; i < Math.min(NAMES_MAX, named.size()); i++) {
      name(lease, named.get(Math.floorMod(looks.get() + i, named.size())));
    }
  }

  /** Agents are spoken to by their names once these answer, and through the login otherwise. */
  private void name(Lease lease, Instance instance) throws InterruptedException {
    boolean publicly = AgentNames.origin(instance.handle()).isPresent();
    boolean answers = names.answers(instance.handle());
    if (answers) {
      unnamed.remove(instance.id());
    }
    boolean lost =
        !answers && publicly && unnamed.merge(instance.id(), 1, Integer::sum) >= SILENCES_MAX;
    if (answers == publicly || !(answers || lost)) {
      return;
    }
    ObjectNode changed = AgentNames.reached(instance.handle(), answers);
    boolean kept =
        database.transaction(sql -> {
          lease.hold(sql);
          return HostStore.exchange(sql, instance, changed, Optional.of(Placed.endpoint(changed)));
        });
    if (kept) {
      LOG.log(Level.INFO, "agent.named agent=" + instance.agentId() + " public=" + answers);
    }
  }

  private void resume(Lease lease, HostAgents agents, Instance instance)
      throws InterruptedException {
    boolean stands =
        database.transaction(sql -> {
          lease.hold(sql);
          return InstanceStore.stands(
              sql, instance.id(), instance.generation(), InstanceState.kept());
        });
    if (!stands) {
      return;
    }
    try {
      agents.resume(Placed.place(instance.handle()));
      LOG.log(Level.INFO, "agent.restarted agent=" + instance.agentId());
    } catch (ProviderException e) {
      failed(lease, instance, e.code());
    }
  }

  private void up(Lease lease, Instance instance) {
    failures.remove(instance.id());
    if (instance.state() == InstanceState.DEGRADED) {
      database.transaction(sql -> {
        lease.hold(sql);
        if (HostStore.unmarkDown(sql, instance)) {
          InstanceStore.moveTo(sql, instance.id(), InstanceState.RUNNING);
          LOG.log(Level.INFO, "agent.up agent=" + instance.agentId());
        }
        return true;
      });
    }
  }

  private void failed(Lease lease, Instance instance, String code) {
    int times = failures.merge(instance.id(), 1, Integer::sum);
    LOG.log(
        Level.WARNING,
        "agent.not_up agent=%s state=%s times=%d".formatted(instance.agentId(), code, times));
    if (times >= FAILURES_MAX && instance.state() == InstanceState.RUNNING) {
      database.transaction(sql -> {
        lease.hold(sql);
        if (HostStore.markDown(sql, instance)) {
          InstanceStore.moveTo(sql, instance.id(), InstanceState.DEGRADED);
        }
        return true;
      });
    }
  }

  private void silent(Lease lease, Host host, ProviderException e) {
    LOG.log(Level.WARNING, "host.silent host=" + host.name() + " code=" + e.code());
    try {
      database.transaction(sql -> {
        lease.hold(sql);
        HostStore.failed(sql, host.id(), e.code());
        return true;
      });
      if (silences.merge(host.id(), 1, Integer::sum) == SILENCES_MAX) {
        alarms.raise(
            alarm(host),
            Alarm.Level.CRITICAL,
            "The machine " + host.name() + " cannot be looked after: " + e.code() + ".");
      }
    } catch (LeaseLostException _) {
      // Another server looks from now on.
    }
  }

  /** The alarm about a machine that is silent. */
  static String alarm(Host host) {
    return "host-" + host.name();
  }
}
