package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.KeptOrder;
import ai.liberclaw.deploy.provider.MachineDuty;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Starts agents' containers that should run and do not: after a restart of the machine or of the
 * engine, in which their networks went with them. A crashed agent is started by the engine itself.
 * Stopping it stops no agent.
 */
public final class ContainerKeeper implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ContainerKeeper.class.getName());
  private static final Duration CLOSE_TIME_MAX = Duration.ofSeconds(5);
  private static final String LOCK = "keeper";

  /** Failures in a row after which owners see that something is wrong. */
  private static final int FAILURES_MAX = 3;

  private final PlatformDatabase database;
  private final ContainerProvider provider;
  private final Backoff backoff = new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5), 0.2);
  private final Map<UUID, Failing> failing = new HashMap<>();
  private final MachineDuty duty;

  /** An agent that could not be started so many times, and when to try again. */
  private record Failing(int times, long retryAtNanos) {}

  /**
   * @param tick how often it looks
   */
  public ContainerKeeper(PlatformDatabase database, ContainerProvider provider, Duration tick) {
    this.database = database;
    this.provider = provider;
    this.duty = new MachineDuty(LOCK, provider.locks(), tick, CLOSE_TIME_MAX, this::look);
  }

  public ContainerKeeper start() {
    duty.start();
    return this;
  }

  /** Whether it looks after agents, or stands by while another server of this machine does. */
  public boolean ready() {
    return duty.ready();
  }

  @Override
  public void close() {
    duty.close();
  }

  private void look() throws InterruptedException {
    List<Instance> kept =
        InstanceStore.in(database.dsl(), ContainerProvider.NAME, InstanceState.kept()).stream()
            .filter(instance -> provider.isHere(instance.handle()))
            .toList();
    failing.keySet().retainAll(Set.copyOf(kept.stream().map(Instance::id).toList()));
    if (kept.isEmpty()) {
      return;
    }
    Set<UUID> running = provider.running();
    for (Instance instance : kept) {
      if (running.contains(instance.id())) {
        up(instance);
      } else if (due(instance)) {
        restart(instance);
      }
    }
  }

  private boolean due(Instance instance) {
    Failing former = failing.get(instance.id());
    return former == null || System.nanoTime() - former.retryAtNanos() >= 0;
  }

  private void up(Instance instance) {
    if (failing.remove(instance.id()) != null || instance.state() == InstanceState.DEGRADED) {
      move(instance, InstanceState.RUNNING);
    }
  }

  private void restart(Instance instance) throws InterruptedException {
    try {
      // Its settings are in the instance's configuration volume, and only there.
      provider.start(new KeptOrder(database, instance, provider::endpoint, _ -> Optional.empty()));
      LOG.log(Level.INFO, "agent.restarted agent=" + instance.agentId());
    } catch (Fenced _) {
      // A deployment took it over between the list and now.
    } catch (ProviderException e) {
      Failing former = failing.get(instance.id());
      int times = former == null ? 1 : former.times() + 1;
      Duration wait = backoff.delay(times);
      failing.put(instance.id(), new Failing(times, System.nanoTime() + wait.toNanos()));
      LOG.log(
          Level.WARNING,
          "agent.restart_failed agent=%s code=%s retry_in=%s"
              .formatted(instance.agentId(), e.code(), wait));
      if (times == FAILURES_MAX) {
        move(instance, InstanceState.DEGRADED);
      }
    }
  }

  private void move(Instance instance, InstanceState state) {
    KeptOrder.move(database, instance, state);
    LOG.log(Level.INFO, "agent.state agent=" + instance.agentId() + " state=" + state.key());
  }
}
