package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.KeptOrder;
import ai.liberclaw.deploy.provider.MachineDuty;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Keeps the agents of this machine up: takes living ones up again, starts ended ones with growing
 * delays, and ends them all when the server is told to end.
 */
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Supervisor.class.getName());
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration CLOSE_TIME_MAX = Duration.ofSeconds(20);
  private static final String LOCK = "supervisor";

  private final PlatformDatabase database;
  private final ProcessProvider provider;
  private final Clock clock;
  private final Map<UUID, Watch> watches = new HashMap<>();
  private final MachineDuty duty;

  public Supervisor(PlatformDatabase database, ProcessProvider provider, Clock clock) {
    this.database = database;
    this.provider = provider;
    this.clock = clock;
    this.duty = new MachineDuty(LOCK, provider.locks(), TICK, CLOSE_TIME_MAX, new Duties());
  }

  public Supervisor start() {
    duty.start();
    return this;
  }

  /** Whether it looks after agents, or stands by while another server of this machine does. */
  public boolean ready() {
    return duty.ready();
  }

  /**
   * Ends the agents this server keeps, then itself. They are started again with the next server.
   */
  @Override
  public void close() {
    duty.close();
  }

  /** Old releases go when a server takes over, and no oftener: another may be about to use one. */
  private void tidy() {
    provider.keepReleasesOf(
        InstanceStore.in(database.dsl(), ProcessProvider.NAME, InstanceState.holding()));
  }

  private final class Duties implements MachineDuty.Work {
    @Override
    public void begin() {
      tidy();
    }

    @Override
    public void look() throws InterruptedException {
      tick();
    }

    @Override
    public void end() throws InterruptedException {
      endAll();
    }
  }

  /** Looks at every agent once. */
  void tick() throws InterruptedException {
    List<Instance> kept =
        InstanceStore.in(database.dsl(), ProcessProvider.NAME, InstanceState.kept());
    watches.keySet().retainAll(Set.copyOf(kept.stream().map(Instance::id).toList()));
    for (Instance instance : kept) {
      try {
        look(instance, clock.instant());
      } catch (Fenced _) {
        // A deployment took it over between the list and now.
      } catch (ProviderException e) {
        LOG.log(
            Level.WARNING,
            "agent.restart_failed agent=" + instance.agentId() + " code=" + e.code());
      } catch (IOException e) {
        LOG.log(Level.WARNING, "agent.log_not_rotated agent=" + instance.agentId(), e);
      }
    }
  }

  private void look(Instance instance, Instant now) throws IOException, InterruptedException {
    Optional<Placement> placement = Placement.of(instance.handle());
    if (placement.isEmpty() || !placement.get().machine().equals(provider.here().id())) {
      return;
    }
    Watch watch = watches.get(instance.id());
    boolean first = watch == null;
    if (watch == null) {
      watch = new Watch();
      watches.put(instance.id(), watch);
    }
    if (provider.started(instance.handle())) {
      if (first) {
        LOG.log(Level.INFO, "agent.adopted agent=" + instance.agentId());
      }
      alive(instance, watch, now);
    } else if (first) {
      // It ended while nobody looked, or its server did: no crash to be counted.
      restart(instance, watch);
    } else if (watch.restartAt.isEmpty()) {
      Instant at = watch.crashes.crashed(now);
      watch.restartAt = Optional.of(at);
      LOG.log(
          Level.WARNING,
          "agent.crashed agent=" + instance.agentId() + " retry_in=" + Duration.between(now, at));
      if (watch.crashes.degraded(now) && instance.state() != InstanceState.DEGRADED) {
        move(instance, InstanceState.DEGRADED);
      }
    } else if (!now.isBefore(watch.restartAt.get())) {
      restart(instance, watch);
    }
  }

  private void alive(Instance instance, Watch watch, Instant now) throws IOException {
    if (watch.restarted) {
      Health health = provider.health(instance.handle());
      if (health.answers()) {
        watch.restarted = false;
        InstanceStore.seen(database.dsl(), instance.id(), health.bootId());
      }
    }
    if (instance.state() == InstanceState.DEGRADED && !watch.crashes.degraded(now)) {
      move(instance, InstanceState.RUNNING);
    }
    provider.directory(instance.agentId()).rotateLog();
  }

  private void restart(Instance instance, Watch watch) throws InterruptedException {
    // Whatever comes of it is judged at the next look: alive, or another crash.
    watch.restartAt = Optional.empty();
    watch.restarted = true;
    provider.start(
        new KeptOrder(
            database,
            instance,
            provider::endpoint,
            handle -> Placement.of(handle).flatMap(Placement::now).map(Setup::settings)));
  }

  private void move(Instance instance, InstanceState state) {
    KeptOrder.move(database, instance, state);
    LOG.log(Level.INFO, "agent.state agent=" + instance.agentId() + " state=" + state.key());
  }

  /** Ends every agent of this machine, also those just being deployed, all at the same time. */
  private void endAll() throws InterruptedException {
    List<Thread> ends = new ArrayList<>();
    for (Instance instance :
        InstanceStore.in(database.dsl(), ProcessProvider.NAME, InstanceState.holding())) {
      Optional<Placement> placement = Placement.of(instance.handle());
      Optional<ProcessIdentity> child = placement.flatMap(p -> p.alive(provider.here()));
      if (child.isPresent() && placement.get().machine().equals(provider.here().id())) {
        ends.add(
            Thread.ofVirtual()
                .name("end-" + instance.agentId())
                .start(() -> end(instance, child.get())));
      }
    }
    for (Thread end : ends) {
      end.join();
    }
    LOG.log(Level.INFO, "supervisor.ended agents=" + ends.size());
  }

  private static void end(Instance instance, ProcessIdentity child) {
    try {
      Children.end(child, ProcessProvider.STOP_GRACE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ProviderException e) {
      LOG.log(Level.WARNING, "agent.not_ended agent=" + instance.agentId() + " code=" + e.code());
    }
  }

  /** What is remembered of one agent between looks. */
  private static final class Watch {
    final CrashLoop crashes = new CrashLoop();
    Optional<Instant> restartAt = Optional.empty();
    boolean restarted;
  }
}
