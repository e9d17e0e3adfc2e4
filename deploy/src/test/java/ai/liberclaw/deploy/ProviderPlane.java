package ai.liberclaw.deploy;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.agent.Quotas;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.model.ModelMenu;
import ai.liberclaw.deploy.pool.Pool;
import ai.liberclaw.deploy.pool.PoolSettings;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.reconcile.Orphans;
import ai.liberclaw.deploy.reconcile.ReconcileSettings;
import ai.liberclaw.deploy.reconcile.Reconciler;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** A control plane with one provider, with a pool and comparisons, and everything soon. */
public class ProviderPlane implements AutoCloseable {
  private static final int PLENTY = 1_000_000;
  private static final Duration WARM_TIME_MAX = Duration.ofSeconds(90);

  public final Agents agents;
  final PlatformDatabase database;
  final Alarms alarms;
  final Orphans orphans;
  private final Notifications notifications;
  private final DeploymentWorker worker;
  private final ClusterTasks tasks;

  /** A pool of this size. */
  public static PoolSettings pool(int min, int max) {
    return new PoolSettings(
        true,
        min,
        max,
        Duration.ofDays(7),
        Duration.ofMinutes(1),
        PLENTY,
        PLENTY,
        2,
        Duration.ofMillis(100));
  }

  public static PoolSettings noPool() {
    PoolSettings some = pool(0, 0);
    return new PoolSettings(
        false, 0, 0, some.ageMax(), some.cover(), PLENTY, PLENTY, 2, some.interval());
  }

  /** Comparisons that destroy after this quarantine. */
  static ReconcileSettings reconcile(Duration interval, Duration quarantine) {
    return new ReconcileSettings(
        interval,
        Duration.ZERO,
        quarantine,
        3,
        Duration.ofMillis(500),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10));
  }

  /** Comparisons that nobody sees in a test. */
  public static ReconcileSettings never() {
    return reconcile(Duration.ofHours(1), Duration.ofHours(2));
  }

  public ProviderPlane(
      PlatformDatabase database,
      Provider provider,
      PoolSettings pool,
      ReconcileSettings reconcile) {
    this.database = database;
    this.alarms = new Alarms(database.dsl());
    Clock clock = Clock.systemUTC();
    this.orphans = new Orphans(database.dsl(), clock);
    Providers providers =
        new Providers(
            List.of(provider.name()), Map.of(), Map.of(provider.name(), provider), "machine");
    CreationCaps caps = new CreationCaps(new CreationCaps.Limits(PLENTY, PLENTY, PLENTY), clock);
    agents =
        new Agents(
            database,
            Catalogue.load(),
            providers,
            TestPlane.KEYS,
            new Quotas(PLENTY, PLENTY, PLENTY),
            caps,
            new ModelMenu(List.of(), "glm-4.7"));
    notifications = new Notifications(database);
    worker =
        new DeploymentWorker(
                database,
                notifications,
                new AgentRecipe(database, providers, TestPlane.KEYS),
                new Mask(),
                new DeploymentWorker.Settings(
                    4,
                    Duration.ofSeconds(2),
                    Duration.ofMillis(200),
                    6,
                    new Backoff(Duration.ofMillis(100), Duration.ofMillis(500), 0.1)))
            .start();
    notifications.start();
    tasks =
        new ClusterTasks(
            database.dsl(),
            clock,
            new ClusterTasks.Times(
                Duration.ofSeconds(2),
                Duration.ofMillis(200),
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 0.1)));
    List<String> names = List.of(provider.name());
    new Pool(
            database,
            pool,
            List.of(provider),
            names,
            alarms,
            clock,
            new Pool.Times(
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofMillis(300),
                new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), 0),
                Duration.ofMillis(50)))
        .addTo(tasks);
    new Reconciler(database, reconcile, List.of(provider), alarms, clock).addTo(tasks);
  }

  public Agent create(UUID owner) {
    return agents.create(owner, TestPlane.draft("Ada"));
  }

  public void awaitRunning(UUID owner, UUID agent) {
    awaitRunning(owner, agent, Duration.ofSeconds(30));
  }

  public void awaitRunning(UUID owner, UUID agent, Duration limit) {
    TestPlane.await(
        limit, () -> agents.find(owner, agent).map(Agent::status).orElse("").equals("running"));
  }

  /** Instances without an agent in a state. */
  public Set<String> pooled(String state) {
    return database
        .dsl()
        .fetch(
            "select id from instances where agent_id is null and state = {0}",
            org.jooq.impl.DSL.val(state))
        .stream()
        .map(row -> row.get(0, UUID.class).toString())
        .collect(Collectors.toSet());
  }

  public void awaitWarm(int count) {
    TestPlane.await(WARM_TIME_MAX, () -> pooled("warm").size() == count);
  }

  public int instances() {
    return database.dsl().fetchOne("select count(*) from instances").get(0, Integer.class);
  }

  /** A new user of a tier. */
  public UUID user(String tier) {
    return TestPlane.user(database, tier);
  }

  Optional<Alarm> alarm(String name) {
    return alarms.open().stream().filter(a -> a.name().equals(name)).findFirst();
  }

  @Override
  public void close() {
    tasks.close();
    worker.close();
    notifications.close();
  }
}
