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
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.reconcile.Orphans;
import ai.liberclaw.deploy.reconcile.ReconcileSettings;
import ai.liberclaw.deploy.reconcile.Reconciler;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** A control plane on a {@link Cloud}, with a pool and comparisons, and everything soon. */
final class CloudPlane implements AutoCloseable {
  private static final int PLENTY = 1_000_000;

  final Agents agents;
  final Cloud cloud;
  final PlatformDatabase database;
  final Alarms alarms;
  final Orphans orphans;
  private final Notifications notifications;
  private final DeploymentWorker worker;
  private final ClusterTasks tasks;

  /** A pool of this size. */
  static PoolSettings pool(int min, int max) {
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

  static PoolSettings noPool() {
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
  static ReconcileSettings never() {
    return reconcile(Duration.ofHours(1), Duration.ofHours(2));
  }

  CloudPlane(PlatformDatabase database, Path root, PoolSettings pool, ReconcileSettings reconcile) {
    this.database = database;
    this.cloud = new Cloud(root, InstallationStore.id(database.dsl()));
    this.alarms = new Alarms(database.dsl());
    Clock clock = Clock.systemUTC();
    this.orphans = new Orphans(database.dsl(), clock);
    Providers providers =
        new Providers(List.of(Cloud.NAME), Map.of(), Map.of(Cloud.NAME, cloud), "machine");
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
    List<String> names = List.of(Cloud.NAME);
    new Pool(
            database,
            pool,
            List.of(cloud),
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
    new Reconciler(database, reconcile, List.of(cloud), alarms, clock).addTo(tasks);
  }

  Agent create(UUID owner) {
    return agents.create(owner, TestPlane.draft("Ada"));
  }

  void awaitRunning(UUID owner, UUID agent) {
    TestPlane.await(
        Duration.ofSeconds(30),
        () -> agents.find(owner, agent).map(Agent::status).orElse("").equals("running"));
  }

  /** Instances without an agent in a state. */
  Set<String> pooled(String state) {
    return database
        .dsl()
        .fetch(
            "select id from instances where agent_id is null and state = {0}",
            org.jooq.impl.DSL.val(state))
        .stream()
        .map(row -> row.get(0, UUID.class).toString())
        .collect(Collectors.toSet());
  }

  void awaitWarm(int count) {
    TestPlane.await(Duration.ofSeconds(30), () -> pooled("warm").size() == count);
  }

  int instances() {
    return database.dsl().fetchOne("select count(*) from instances").get(0, Integer.class);
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
