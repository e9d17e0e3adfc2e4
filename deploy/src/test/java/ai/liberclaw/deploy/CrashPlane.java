package ai.liberclaw.deploy;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.agent.Quotas;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.job.Recipe;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.reconcile.ReconcileSettings;
import ai.liberclaw.deploy.reconcile.Reconciler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.impl.DSL;

/** A control plane with one provider, whose workers die; the next one comes soon. */
final class CrashPlane implements AutoCloseable {
  private static final int DEATHS_MAX = 1000;

  private static final DeploymentWorker.Settings WORKER =
      new DeploymentWorker.Settings(
          4,
          Duration.ofMillis(400),
          Duration.ofMillis(30),
          DEATHS_MAX,
          new Backoff(Duration.ofMillis(50), Duration.ofMillis(100), 0.1));

  private static final ReconcileSettings AT_ONCE =
      new ReconcileSettings(
          Duration.ofHours(1),
          Duration.ZERO,
          Duration.ZERO,
          DEATHS_MAX,
          Duration.ZERO,
          Duration.ofSeconds(30),
          Duration.ofMinutes(1));

  final Agents agents;
  private final PlatformDatabase database;
  private final Notifications notifications;
  private final DeploymentWorker worker;
  private final Reconciler reconciler;

  CrashPlane(PlatformDatabase database, Provider provider, Deaths deaths) {
    this.database = database;
    Provider mortal = deaths.in(provider);
    Providers providers =
        new Providers(List.of(provider.name()), Map.of(), Map.of(provider.name(), mortal), "here");
    agents =
        new Agents(
            database,
            Catalogue.load(),
            providers,
            TestPlane.KEYS,
            new Quotas(9, 9, 9),
            TestPlane.CAPS,
            "glm-4.7");
    notifications = new Notifications(database);
    Recipe recipe = deaths.in(once(new AgentRecipe(database, providers, TestPlane.KEYS)));
    worker = new DeploymentWorker(database, notifications, recipe, new Mask(), WORKER).start();
    notifications.start();
    reconciler =
        new Reconciler(
            database, AT_ONCE, List.of(provider), new Alarms(database.dsl()), Clock.systemUTC());
  }

  /** So many deaths want many tries; what fails by itself is not tried again. */
  private static Recipe once(Recipe recipe) {
    return (Recipe)
        Proxy.newProxyInstance(
            Recipe.class.getClassLoader(),
            new Class<?>[] {Recipe.class},
            (_, method, arguments) -> {
              try {
                return method.invoke(recipe, arguments);
              } catch (InvocationTargetException e) {
                if (e.getCause() instanceof ProviderException failure
                    && method.getName().equals("step")) {
                  throw new ProviderException(failure.code(), failure.text(), false, failure);
                }
                throw e.getCause();
              }
            });
  }

  /** Compares what is there with what is owned, and ends what nobody owns. */
  void reconcile() throws InterruptedException {
    reconciler.run(_ -> {});
  }

  /** The only instance an agent has. */
  Instance instance(UUID agent) {
    List<Instance> all = InstanceStore.holding(database.dsl(), agent);
    if (all.size() != 1) {
      throw new AssertionError("instances: " + all);
    }
    return all.getFirst();
  }

  /** Jobs and instances of the agent. */
  int rows(UUID agent) {
    return database
        .dsl()
        .fetchOne(
            "select (select count(*) from instances where agent_id = {0})"
                + " + (select count(*) from deployments where agent_id = {0})",
            DSL.val(agent))
        .get(0, Integer.class);
  }

  /** How the agent's last job ended; empty while it goes on. */
  String outcome(UUID agent) {
    return database
        .dsl()
        .fetch(
            "select status from deployments where agent_id = {0} order by generation desc limit 1",
            DSL.val(agent))
        .stream()
        .map(row -> row.get(0, String.class))
        .filter(status -> !status.equals("queued") && !status.equals("running"))
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() {
    worker.close();
    notifications.close();
  }
}
