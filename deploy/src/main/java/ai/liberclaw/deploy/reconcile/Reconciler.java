package ai.liberclaw.deploy.reconcile;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.cluster.LeaseLostException;
import ai.liberclaw.deploy.job.DeploymentKind;
import ai.liberclaw.deploy.job.DeploymentStore;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceEventStore;
import ai.liberclaw.deploy.provider.InstanceState;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.TimeLimit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares every provider's inventory with the rows of instances, on one of all servers. What
 * carries our id and has no row is left alone for a while and then destroyed; when that would be
 * many at once the operator is asked first, because a database restored from an old copy looks just
 * like it. What has a row and is not there is told to its owner. Nothing that a provider does not
 * list as ours is ever touched.
 */
public final class Reconciler {
  /** The name of the leased task. */
  public static final String TASK = "reconcile";

  private static final Logger LOG = System.getLogger(Reconciler.class.getName());
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration DESTROYED_KEPT = Duration.ofDays(30);

  private final PlatformDatabase database;
  private final ReconcileSettings settings;
  private final List<Provider> providers;
  private final MissingAgents missing;
  private final Alarms alarms;
  private final Clock clock;

  public Reconciler(
      PlatformDatabase database,
      ReconcileSettings settings,
      Collection<Provider> providers,
      Alarms alarms,
      Clock clock) {
    this.database = database;
    this.settings = settings;
    this.providers = List.copyOf(providers);
    this.missing = new MissingAgents(database, settings, alarms);
    this.alarms = alarms;
    this.clock = clock;
  }

  /** Has it done from now on. */
  public void addTo(ClusterTasks tasks) {
    tasks.every(TASK, settings.interval(), this::run);
  }

  /** Compares once. */
  public void run(Lease lease) throws InterruptedException {
    destroyForgotten(lease);
    for (Provider provider : providers) {
      String alarm = "reconcile-" + provider.name();
      if (provider.poolable()) {
        giveUp(lease, provider);
      }
      try {
        compare(lease, provider);
        alarms.clear(alarm);
      } catch (ProviderException e) {
        LOG.log(
            Level.WARNING, "reconcile.failed provider=" + provider.name() + " code=" + e.code(), e);
        alarms.raise(
            alarm,
            Alarm.Level.WARNING,
            "The inventory of " + provider.name() + " could not be read: " + e.code() + ".");
      }
    }
    database.transaction(sql -> {
      lease.hold(sql);
      OrphanStore.forgetDestroyedBefore(sql, now().minus(DESTROYED_KEPT));
      return true;
    });
  }

  /** Instances of agents that are gone, which no job is going to destroy. */
  private void destroyForgotten(Lease lease) {
    Map<UUID, Long> forgotten = OwnedStore.forgotten(database.dsl(), now().minus(settings.young()));
    forgotten.forEach((agent, generation) -> {
      database.transaction(sql -> {
        lease.hold(sql);
        if (!DeploymentStore.active(sql, agent)) {
          InstanceStore.holding(sql, agent)
              .forEach(i -> InstanceStore.moveTo(sql, i.id(), InstanceState.DESTROYING));
          DeploymentStore.queue(
              sql, agent, Optional.empty(), generation + 1, DeploymentKind.DESTROY);
        }
        return true;
      });
      LOG.log(Level.WARNING, "reconcile.forgotten agent=" + agent);
    });
  }

  /** Rented machines that no agent will use any more; the pool destroys them. */
  private void giveUp(Lease lease, Provider provider) {
    Instant now = now();
    for (UUID id :
        OwnedStore.spent(
            database.dsl(),
            provider.name(),
            now.minus(settings.failedKept()),
            now.minus(settings.young()))) {
      boolean released =
          database.transaction(sql -> {
            lease.hold(sql);
            return OwnedStore.release(sql, id);
          });
      if (released) {
        LOG.log(Level.INFO, "reconcile.given_up instance=" + id + " provider=" + provider.name());
      }
    }
  }

  private void compare(Lease lease, Provider provider) throws InterruptedException {
    String name = provider.name();
    List<Instance> kept = InstanceStore.in(database.dsl(), name, InstanceState.kept());
    Map<String, Found> inventory = inventory(provider);
    // Read after the inventory: whatever is in it had its row before it was there.
    OwnedStore.Owned owned = OwnedStore.read(database.dsl(), name);
    Instant now = now();
    List<Found> unowned = inventory.values().stream().filter(f -> !owned.has(f)).toList();
    database.transaction(sql -> {
      lease.hold(sql);
      OrphanStore.forgetWaiting(sql, name, unowned.stream().map(Found::externalId).toList());
      for (Found found : unowned) {
        quarantine(found, now).ifPresent(until -> OrphanStore.seen(sql, name, found, now, until));
      }
      return true;
    });
    destroyDue(lease, provider, inventory, now);
    missing.tell(lease, provider, kept, inventory.values(), now);
    LOG.log(
        Level.DEBUG,
        "reconcile.done provider=%s inventory=%d unowned=%d"
            .formatted(name, inventory.size(), unowned.size()));
  }

  private Map<String, Found> inventory(Provider provider) throws InterruptedException {
    List<Found> listed =
        TimeLimit.ask(
            settings.inventoryTime(), "inventory-" + provider.name(), provider::inventory);
    return listed.stream()
        .collect(Collectors.toMap(Found::externalId, Function.identity(), (one, _) -> one));
  }

  /** When it may be destroyed; empty for one so young that its row may be on its way. */
  private Optional<Instant> quarantine(Found found, Instant now) {
    Instant grown = found.createdAt().orElse(now).plus(settings.young());
    if (found.createdAt().isPresent() && grown.isAfter(now)) {
      return Optional.empty();
    }
    return Optional.of((grown.isAfter(now) ? grown : now).plus(settings.quarantine()));
  }

  private void destroyDue(Lease lease, Provider provider, Map<String, Found> inventory, Instant now)
      throws InterruptedException {
    String name = provider.name();
    List<Orphan> due = OrphanStore.due(database.dsl(), name, now);
    List<Orphan> unasked = due.stream().filter(o -> o.state() == Orphan.State.QUARANTINED).toList();
    int lately = OrphanStore.destroyedSince(database.dsl(), name, now.minus(DAY));
    int allowed = settings.allowed(inventory.size());
    boolean held = !unasked.isEmpty() && lately + unasked.size() > allowed;
    List<Orphan> destroyed = new ArrayList<>(due);
    if (held) {
      destroyed.removeAll(unasked);
      database.transaction(sql -> {
        lease.hold(sql);
        OrphanStore.hold(sql, name, unasked.stream().map(Orphan::externalId).toList());
        return true;
      });
    }
    int waiting = OrphanStore.held(database.dsl(), name);
    String alarm = "orphans-" + name;
    if (waiting > 0) {
      alarms.raise(
          alarm,
          Alarm.Level.CRITICAL,
          waiting
              + " machines of "
              + name
              + " carry this installation's id and no agent owns them; more than "
              + allowed
              + " a day are not destroyed unasked. See the command orphans.");
    } else {
      alarms.clear(alarm);
    }
    for (Orphan orphan : destroyed) {
      Found found = inventory.get(orphan.externalId());
      if (found != null) {
        destroy(lease, provider, found);
      }
    }
  }

  private void destroy(Lease lease, Provider provider, Found found) throws InterruptedException {
    String name = provider.name();
    String id = found.externalId();
    boolean stands =
        database.transaction(sql -> {
          lease.hold(sql);
          return OrphanStore.lockWaiting(sql, name, id).isPresent()
              && !OwnedStore.read(sql, name).has(found);
        });
    if (!stands) {
      return;
    }
    Optional<String> failure = Optional.empty();
    try {
      TimeLimit.run(settings.discardTime(), "discard-" + name, () -> provider.discard(found));
    } catch (ProviderException e) {
      LOG.log(Level.WARNING, "orphan.not_destroyed provider=" + name + " code=" + e.code(), e);
      failure = Optional.of(e.code());
    } catch (Fenced | LeaseLostException e) {
      throw e;
    } catch (RuntimeException e) {
      String error = ErrorId.next();
      LOG.log(Level.ERROR, "orphan.not_destroyed provider=" + name + " id=" + error, e);
      failure = Optional.of("unexpected_error");
    }
    Optional<String> code = failure;
    database.transaction(sql -> {
      lease.hold(sql);
      if (code.isPresent()) {
        OrphanStore.failed(sql, name, id, code.get());
      } else {
        OrphanStore.destroyed(sql, name, id, now());
        found
            .instanceId()
            .ifPresent(instance ->
                InstanceEventStore.add(
                    sql, instance, Optional.empty(), name, "orphan_destroyed", Optional.of(id)));
      }
      return true;
    });
    if (code.isEmpty()) {
      LOG.log(Level.WARNING, "orphan.destroyed provider=" + name + " name=" + id);
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
