package ai.liberclaw.deploy.reconcile;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.activity.OwnerNoticeStore;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Tells owners when what their agent lives in is gone, and when it is there again. */
final class MissingAgents {
  private static final Logger LOG = System.getLogger(MissingAgents.class.getName());
  private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(10);
  private static final String GONE =
      "The machine I live on is gone or cannot be found, so I do not answer. If this does not end"
          + " within the hour, a rebuild gives me a new one; it begins without my files and"
          + " memory.";
  private static final String BACK = "The machine I live on is there again; I answer as before.";

  private final PlatformDatabase database;
  private final ReconcileSettings settings;
  private final Alarms alarms;

  MissingAgents(PlatformDatabase database, ReconcileSettings settings, Alarms alarms) {
    this.database = database;
    this.settings = settings;
    this.alarms = alarms;
  }

  /**
   * @param kept instances that were meant to be up before the inventory was asked
   */
  void tell(
      Lease lease, Provider provider, List<Instance> kept, Collection<Found> inventory, Instant now)
      throws InterruptedException {
    Set<UUID> instances =
        inventory.stream().flatMap(f -> f.instanceId().stream()).collect(Collectors.toSet());
    Set<String> names = inventory.stream().map(Found::externalId).collect(Collectors.toSet());
    Set<UUID> known = OwnedStore.missing(database.dsl(), provider.name());
    List<Instance> gone = new ArrayList<>();
    for (Instance instance : kept) {
      boolean there =
          instances.contains(instance.id()) || names.contains(instance.agentId().toString());
      boolean marked = known.contains(instance.id());
      if (marked && there && answers(provider, instance)) {
        back(lease, provider, instance, now);
      } else if (!there
          && !marked
          && provider.listed(instance.handle())
          && !answers(provider, instance)) {
        gone.add(instance);
      }
    }
    String alarm = "missing-" + provider.name();
    int allowed = settings.allowed(kept.size());
    if (gone.size() > Math.max(1, allowed)) {
      // Rather a fault of the inventory, or of the network between: owners are not alarmed.
      alarms.raise(
          alarm,
          Alarm.Level.CRITICAL,
          gone.size() + " agents of " + provider.name() + " are not in its inventory.");
      return;
    }
    alarms.clear(alarm);
    for (Instance instance : gone) {
      gone(lease, provider, instance, now);
    }
  }

  private void gone(Lease lease, Provider provider, Instance instance, Instant now) {
    boolean told =
        database.transaction(sql -> {
          lease.hold(sql);
          boolean news = OwnedStore.markMissing(sql, instance.id(), instance.generation());
          if (news) {
            InstanceStore.moveTo(sql, instance.id(), InstanceState.DEGRADED);
            event(sql, provider, instance, "missing");
            OwnerNoticeStore.tell(
                sql, instance.agentId(), instance.id(), "agent_degraded", GONE, now);
          }
          return news;
        });
    if (told) {
      LOG.log(
          Level.WARNING,
          "agent.missing agent=" + instance.agentId() + " provider=" + provider.name());
    }
  }

  private void back(Lease lease, Provider provider, Instance instance, Instant now) {
    database.transaction(sql -> {
      lease.hold(sql);
      if (OwnedStore.unmarkMissing(sql, instance.id(), instance.generation())) {
        InstanceStore.moveTo(sql, instance.id(), InstanceState.RUNNING);
        event(sql, provider, instance, "found");
        OwnerNoticeStore.tell(sql, instance.agentId(), instance.id(), "agent_recovered", BACK, now);
      }
      return true;
    });
  }

  private static boolean answers(Provider provider, Instance instance) throws InterruptedException {
    try {
      return TimeLimit.ask(
          ANSWER_TIME_MAX,
          "health-" + instance.id(),
          () -> provider.health(instance.handle()).answers());
    } catch (ProviderException _) {
      return false;
    }
  }

  private static void event(
      org.jooq.DSLContext sql, Provider provider, Instance instance, String event) {
    InstanceEventStore.add(
        sql,
        instance.id(),
        Optional.of(instance.agentId()),
        provider.name(),
        event,
        Optional.empty());
  }
}
