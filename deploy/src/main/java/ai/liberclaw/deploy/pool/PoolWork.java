package ai.liberclaw.deploy.pool;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.progress.StepKey;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.InstanceEventStore;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.TimeLimit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** Machines of the pool that are being made, looked at or destroyed, each by a thread. */
final class PoolWork implements AutoCloseable {
  private static final Logger LOG = System.getLogger(PoolWork.class.getName());
  private static final int DESTROYED_AT_ONCE_MAX = 4;
  private static final int INSPECTED_AT_ONCE_MAX = 4;
  private static final Duration INSPECTION_TIME_MAX = Duration.ofSeconds(30);
  private static final Duration DESTROY_TIME_MAX = Duration.ofMinutes(10);
  private static final Duration STOP_TIME_MAX = Duration.ofSeconds(10);

  private enum Kind {
    MAKING,
    INSPECTING,
    DESTROYING
  }

  private record Job(Kind kind, String provider, Thread thread) {}

  private final PlatformDatabase database;
  private final Lease lease;
  private final Map<String, Provider> providers;
  private final BiConsumer<String, Optional<String>> made;
  private final Clock clock;
  private final Pool.Times times;
  private final Map<UUID, Job> jobs = new ConcurrentHashMap<>();
  private final Semaphore changed = new Semaphore(0);

  /**
   * @param made told the provider's name, and the code when a machine could not be made
   */
  PoolWork(
      PlatformDatabase database,
      Lease lease,
      Map<String, Provider> providers,
      BiConsumer<String, Optional<String>> made,
      Clock clock,
      Pool.Times times) {
    this.database = database;
    this.lease = lease;
    this.providers = Map.copyOf(providers);
    this.made = made;
    this.clock = clock;
    this.times = times;
  }

  /**
   * Begins what is due with machines of one provider.
   *
   * @param making how many may be made at the same time
   */
  void take(List<PoolMachine> machines, int making) {
    Instant now = clock.instant();
    for (PoolMachine machine : machines) {
      boolean wait = machine.notBefore().filter(now::isBefore).isPresent();
      if (jobs.containsKey(machine.id()) || wait) {
        continue;
      }
      if (machine.preparing() && busy(Kind.MAKING, machine) < making) {
        begin(Kind.MAKING, machine, this::make);
      } else if (machine.doomed() && busy(Kind.DESTROYING, machine) < DESTROYED_AT_ONCE_MAX) {
        begin(Kind.DESTROYING, machine, this::destroy);
      } else if (machine.warm()
          && lookedAt(machine).plus(times.inspect()).isBefore(now)
          && busy(Kind.INSPECTING, machine) < INSPECTED_AT_ONCE_MAX) {
        begin(Kind.INSPECTING, machine, this::inspect);
      }
    }
  }

  int atHand() {
    return jobs.size();
  }

  /** Waits until something has ended, and for so long at most. */
  void awaitChange(Duration limit) throws InterruptedException {
    if (!jobs.isEmpty()) {
      boolean _ = changed.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS);
      changed.drainPermits();
    }
  }

  /** Ends what is being done; whoever has the lease next goes on with it. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    List<Job> left = List.copyOf(jobs.values());
    left.forEach(job -> job.thread().interrupt());
    long deadline = System.nanoTime() + STOP_TIME_MAX.toNanos();
    for (Job job : left) {
      try {
        boolean _ = job.thread().join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private long busy(Kind kind, PoolMachine like) {
    return jobs.values().stream()
        .filter(job -> job.kind() == kind && job.provider().equals(like.provider()))
        .count();
  }

  private interface Task {
    void on(Provider provider, PoolMachine machine) throws InterruptedException;
  }

  private void begin(Kind kind, PoolMachine machine, Task task) {
    Provider provider = providers.get(machine.provider());
    if (provider == null) {
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("pool-" + machine.id())
            .unstarted(() -> {
              try {
                task.on(provider, machine);
              } catch (Fenced e) {
                LOG.log(Level.DEBUG, "pool.fenced " + subject(machine) + " " + e.getMessage());
              } catch (InterruptedException _) {
                LOG.log(Level.INFO, "pool.left " + subject(machine));
              } catch (RuntimeException e) {
                // The database is out of reach; the row tells the next look what to do.
                LOG.log(Level.WARNING, "pool.stuck " + subject(machine), e);
              } finally {
                jobs.remove(machine.id());
                changed.release();
              }
            });
    jobs.put(machine.id(), new Job(kind, machine.provider(), thread));
    thread.start();
  }

  private void make(Provider provider, PoolMachine machine) throws InterruptedException {
    PoolOrder order = new PoolOrder(database, lease, provider, machine);
    Duration limit = Duration.ZERO;
    for (StepKey step : StepKey.values()) {
      limit = limit.plus(provider.limit(step));
    }
    Optional<ProviderException> failure =
        attempt(
            limit,
            machine,
            () -> {
              order.moveTo(InstanceState.PROVISIONING);
              provider.provision(order);
              order.moveTo(InstanceState.ALLOCATED);
              provider.allocate(order);
              provider.reach(order);
              provider.prepare(order);
            });
    if (failure.isPresent()) {
      String code = failure.get().code();
      LOG.log(Level.WARNING, "pool.failed " + subject(machine) + " code=" + code, failure.get());
      order.fenced((sql, _) -> {
        PoolStore.doom(sql, machine.id(), code);
        event(sql, machine, "not_made", Optional.of(code));
        return true;
      });
      made.accept(provider.name(), Optional.of(code));
      return;
    }
    order.fenced((sql, _) -> {
      PoolStore.warm(sql, machine.id(), now());
      event(sql, machine, "warm", Optional.empty());
      return true;
    });
    LOG.log(Level.INFO, "pool.warm " + subject(machine));
    made.accept(provider.name(), Optional.empty());
  }

  private void inspect(Provider provider, PoolMachine machine) throws InterruptedException {
    PoolOrder order = new PoolOrder(database, lease, provider, machine);
    Optional<ProviderException> failure =
        attempt(INSPECTION_TIME_MAX, machine, () -> provider.inspect(order));
    Instant now = now();
    order.fenced((sql, _) -> {
      if (failure.isEmpty()) {
        PoolStore.seen(sql, machine.id(), now);
      } else if (lookedAt(machine).plus(times.unfit()).isBefore(now)) {
        PoolStore.doom(sql, machine.id(), failure.get().code());
        event(sql, machine, "unfit", Optional.of(failure.get().code()));
      } else {
        // It may as well be this server's connection.
        PoolStore.postpone(sql, machine.id(), now.plus(times.again()), failure.get().code());
      }
      return true;
    });
    failure.ifPresent(e ->
        LOG.log(Level.WARNING, "pool.unfit " + subject(machine) + " code=" + e.code()));
  }

  private void destroy(Provider provider, PoolMachine machine) throws InterruptedException {
    PoolOrder order = new PoolOrder(database, lease, provider, machine);
    Optional<ProviderException> failure =
        attempt(DESTROY_TIME_MAX, machine, () -> provider.destroy(order));
    order.fenced((sql, _) -> {
      if (failure.isEmpty()) {
        PoolStore.delete(sql, machine.id());
        event(sql, machine, "destroyed", Optional.empty());
      } else {
        Instant again = now().plus(times.again());
        PoolStore.postpone(sql, machine.id(), again, failure.get().code());
      }
      return true;
    });
    failure.ifPresent(e ->
        LOG.log(Level.WARNING, "pool.not_destroyed " + subject(machine) + " code=" + e.code(), e));
  }

  /** Does the work; a failure of whatever kind comes back, except being fenced or interrupted. */
  private static Optional<ProviderException> attempt(
      Duration limit, PoolMachine machine, TimeLimit.Work work) throws InterruptedException {
    try {
      TimeLimit.run(limit, "pool-work-" + machine.id(), work);
      return Optional.empty();
    } catch (ProviderException e) {
      return Optional.of(e);
    } catch (Fenced e) {
      throw e;
    } catch (RuntimeException e) {
      String id = ErrorId.next();
      LOG.log(Level.ERROR, "pool.unexpected id=" + id + " " + subject(machine), e);
      return Optional.of(
          new ProviderException("unexpected_error", "Unexpected error " + id + ".", true, e));
    }
  }

  private static void event(
      org.jooq.DSLContext sql, PoolMachine machine, String event, Optional<String> detail) {
    InstanceEventStore.add(
        sql, machine.id(), Optional.empty(), machine.provider(), event, detail);
  }

  private static Instant lookedAt(PoolMachine machine) {
    return machine.lookedAt().or(machine::warmAt).orElse(Instant.EPOCH);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private static String subject(PoolMachine machine) {
    return "instance=" + machine.id() + " provider=" + machine.provider();
  }
}
