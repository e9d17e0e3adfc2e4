package ai.liberclaw.deploy.pool;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.limit.Breaker;
import ai.liberclaw.deploy.limit.RateLimitStore;
import ai.liberclaw.deploy.provider.Provider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Keeps machines ready for agents that are to come, and destroys those nobody will have. Of all
 * servers the one that holds the lease does it; a machine is in the database before it is asked
 * for, so whoever holds the lease next goes on with it. Agents take machines without the lease, see
 * {@link PoolStore#claim}.
 */
public final class Pool {
  /** The name of the leased task. */
  public static final String TASK = "pool";

  private static final Logger LOG = System.getLogger(Pool.class.getName());
  private static final int FAILURES_TO_ALARM = 3;
  private static final Duration UNDESTROYED_TO_ALARM = Duration.ofHours(24);
  private static final String HOUR_CAP = "pool_machines_hour";
  private static final String DAY_CAP = "pool_machines_day";

  /**
   * How long things take; tests shorten it.
   *
   * @param inspect a waiting machine is looked at so often
   * @param unfit one that was not found fit for so long is destroyed
   * @param again until something that did not work is tried again
   * @param failures machines are not made for so long after so many failures in a row
   * @param look between looks while something is being done
   */
  public record Times(
      Duration inspect, Duration unfit, Duration again, Backoff failures, Duration look) {
    public static final Times STANDARD =
        new Times(
            Duration.ofMinutes(10),
            Duration.ofMinutes(15),
            Duration.ofMinutes(1),
            new Backoff(Duration.ofSeconds(30), Duration.ofHours(1), 0.2),
            Duration.ofSeconds(1));
  }

  private final PlatformDatabase database;
  private final PoolSettings settings;
  private final Map<String, Provider> providers = new HashMap<>();
  private final List<String> filled;
  private final Alarms alarms;
  private final Clock clock;
  private final Times times;

  /**
   * @param providers all of this server
   * @param used names of those new agents may get; machines wait at the first that can have them
   */
  public Pool(
      PlatformDatabase database,
      PoolSettings settings,
      Collection<Provider> providers,
      List<String> used,
      Alarms alarms,
      Clock clock,
      Times times) {
    this.database = database;
    this.settings = settings;
    providers.stream().filter(Provider::poolable).forEach(p -> this.providers.put(p.name(), p));
    this.filled = used.stream().filter(this.providers::containsKey).limit(1).toList();
    this.alarms = alarms;
    this.clock = clock;
    this.times = times;
  }

  /** Has it done from now on, unless no provider here can have machines wait. */
  public void addTo(ClusterTasks tasks) {
    if (!providers.isEmpty()) {
      tasks.every(TASK, settings.interval(), this::run);
    }
  }

  /** Looks at the pool, and goes on looking until all is done that a look led to. */
  void run(Lease lease) throws InterruptedException {
    try (PoolWork work = new PoolWork(database, lease, providers, this::failed, clock, times)) {
      do {
        for (Provider provider : providers.values()) {
          look(lease, provider, work);
        }
        work.awaitChange(times.look());
      } while (work.atHand() > 0);
    }
  }

  private void look(Lease lease, Provider provider, PoolWork work) {
    String name = provider.name();
    Instant now = now();
    Instant start = now.minus(Demand.LOOK_BACK).truncatedTo(ChronoUnit.HOURS);
    boolean open = settings.enabled() && filled.contains(name) && !provider.scarce();
    List<PoolMachine> machines = PoolStore.machines(database.dsl(), List.of(name));
    PoolPlan plan =
        open
            ? PoolPlan.of(
                machines,
                new Demand(DemandStore.since(database.dsl(), name, start)).target(now, settings),
                now,
                settings)
            : PoolPlan.drain(machines);
    List<UUID> created = create(lease, provider, allowed(provider, plan.create(), machines));
    database.transaction(sql -> {
      lease.hold(sql);
      plan.giveBack().forEach(id -> PoolStore.doom(sql, id, "not_needed"));
      DemandStore.forgetBefore(sql, start);
      return true;
    });
    if (!created.isEmpty() || !plan.giveBack().isEmpty()) {
      LOG.log(
          Level.INFO,
          "pool.changed provider=%s new=%d given_back=%d"
              .formatted(name, created.size(), plan.giveBack().size()));
    }
    int parallel = breaker(name).failures() > 0 ? 1 : settings.parallel();
    work.take(PoolStore.machines(database.dsl(), List.of(name)), parallel);
    tellUndestroyed(name, now, machines);
  }

  /** How many of those wanted may be made now. */
  private int allowed(Provider provider, int wanted, List<PoolMachine> machines) {
    if (wanted == 0 || provider.missing().isPresent()) {
      return 0;
    }
    Breaker breaker = breaker(provider.name());
    if (!breaker.closed()) {
      return 0;
    }
    boolean doubtful = breaker.failures() > 0;
    boolean tried = machines.stream().anyMatch(PoolMachine::preparing);
    return doubtful ? (tried ? 0 : 1) : wanted;
  }

  private List<UUID> create(Lease lease, Provider provider, int count) {
    List<UUID> created = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID id = UUID.randomUUID();
      boolean capped =
          database.transaction(sql -> {
            lease.hold(sql);
            boolean full =
                !take(sql, DAY_CAP, Duration.ofDays(1), settings.perDay())
                    || !take(sql, HOUR_CAP, Duration.ofHours(1), settings.perHour());
            if (!full) {
              PoolStore.insert(sql, id, provider.name());
            }
            return full;
          });
      String alarm = "pool-" + provider.name() + "-cap";
      if (capped) {
        alarms.raise(
            alarm,
            Alarm.Level.WARNING,
            "The pool wants more machines than LIBERCLAW_POOL_CREATIONS_PER_HOUR ("
                + settings.perHour()
                + ") or _PER_DAY ("
                + settings.perDay()
                + ") allows.");
        return created;
      }
      alarms.clear(alarm);
      created.add(id);
    }
    return created;
  }

  private boolean take(org.jooq.DSLContext sql, String name, Duration period, int limit) {
    long seconds = period.toSeconds();
    Instant start = Instant.ofEpochSecond(now().getEpochSecond() / seconds * seconds);
    return limit > 0
        && RateLimitStore.take(sql, name, "site", start, start.plus(period), limit);
  }

  /** Told of each machine that was made, empty code, or could not be made. */
  private void failed(String provider, java.util.Optional<String> code) {
    Breaker breaker = breaker(provider);
    String alarm = "pool-" + provider;
    if (code.isEmpty()) {
      if (breaker.failures() > 0) {
        breaker.succeeded();
        alarms.clear(alarm);
      }
      return;
    }
    int failures = breaker.failed(code.get());
    if (failures >= FAILURES_TO_ALARM) {
      alarms.raise(
          alarm,
          Alarm.Level.WARNING,
          failures + " machines in a row could not be made for the pool, the last for " + code.get());
    }
  }

  private void tellUndestroyed(String provider, Instant now, List<PoolMachine> machines) {
    Instant dayAgo = now.minus(UNDESTROYED_TO_ALARM);
    long stuck =
        machines.stream().filter(m -> m.doomed() && m.changedAt().isBefore(dayAgo)).count();
    String alarm = "pool-" + provider + "-destroy";
    if (stuck > 0) {
      alarms.raise(
          alarm,
          Alarm.Level.CRITICAL,
          stuck + " machines of the pool could not be destroyed for a day; they may cost money.");
    } else {
      alarms.clear(alarm);
    }
  }

  private Breaker breaker(String provider) {
    return new Breaker(database.dsl(), "pool-" + provider, times.failures(), clock);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
