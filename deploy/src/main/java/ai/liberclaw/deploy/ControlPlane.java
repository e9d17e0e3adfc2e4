package ai.liberclaw.deploy;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.InstanceHealth;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.budget.BudgetSettings;
import ai.liberclaw.deploy.budget.Budgets;
import ai.liberclaw.deploy.budget.Limits;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.client.AgentTunnels;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.deploy.fleet.Fleet;
import ai.liberclaw.deploy.fleet.RolloutRunner;
import ai.liberclaw.deploy.host.HostTunnels;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.inference.Gateway;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.pool.Pool;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.container.ContainerKeeper;
import ai.liberclaw.deploy.provider.process.AgentRelease;
import ai.liberclaw.deploy.provider.process.ProcessProvider;
import ai.liberclaw.deploy.provider.process.Supervisor;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import ai.liberclaw.deploy.reconcile.Reconciler;
import ai.liberclaw.deploy.release.Releases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The control plane of one server: agents, the worker that deploys them, who looks after those that
 * live on this machine, and what one server does for all. Any number of servers may run one on the
 * same database.
 */
public final class ControlPlane implements AutoCloseable {
  /** Wire version of the agent this server ships; an older one is offered an update. */
  public static final int AGENT_VERSION = 10;

  private static final Duration CREDITS_PERIOD = Duration.ofMinutes(10);

  /** How often agents' containers are looked at. */
  private static final Duration CONTAINERS_LOOK = Duration.ofSeconds(10);

  private final Agents agents;
  private final Catalogue catalogue;
  private final DeploymentWorker worker;
  private final Supervisor supervisor;
  private final Optional<ContainerKeeper> keeper;
  private final HostTunnels tunnels;
  private final Budgets budgets;
  private final Gateway.Here gateway = new Gateway.Here();

  /** Closed in the reverse of the order in which they were made. */
  private final Deque<Runnable> closings = new ArrayDeque<>();

  private ControlPlane(
      ControlPlaneConfig config,
      PlatformDatabase database,
      Notifications notifications,
      Map<String, String> environment,
      Mask mask) {
    Clock clock = Clock.systemUTC();
    this.catalogue = Catalogue.load();
    new Releases(database, config.releases()).addShipped();
    SshConnections connections = new SshConnections(SshConnections.Settings.usual());
    closings.push(connections::close);
    BuiltProviders providers =
        BuiltProviders.of(config, database, catalogue, connections, gateway, environment);
    this.tunnels =
        new HostTunnels(connections, providers.hosts().or(providers.aleph().logins()), clock);
    this.agents =
        new Agents(
            database,
            catalogue,
            providers.all(),
            config.keys(),
            config.quotas(),
            new CreationCaps(config.creations(), clock),
            config.menu());
    this.supervisor = new Supervisor(database, providers.process(), clock).start();
    closings.push(supervisor::close);
    this.keeper =
        providers
            .containers()
            .map(provider -> new ContainerKeeper(database, provider, CONTAINERS_LOOK).start());
    keeper.ifPresent(started -> closings.push(started::close));
    this.worker =
        new DeploymentWorker(
                database,
                notifications,
                new AgentRecipe(database, providers.all(), config.keys()),
                mask,
                DeploymentWorker.Settings.usual())
            .start();
    closings.push(worker::close);
    RolloutRunner rollouts =
        new RolloutRunner(
                database,
                new InstanceHealth(database, providers.all())::well,
                RolloutRunner.Times.usual())
            .start();
    closings.push(rollouts::close);
    new Limits(database.dsl()).configure(config.budgets());
    this.budgets =
        new Budgets(database.dsl(), config.keys(), clock, BudgetSettings.STANDARD).start();
    closings.push(budgets::close);
    closings.push(tasks(config, database, providers, budgets)::close);
    // First of all, so that nobody waits for it while the others end.
    closings.push(gateway::closed);
  }

  /**
   * Starts everything; the database stays its owner's.
   *
   * @param notifications wake the worker; the server starts them when all have subscribed
   * @param environment the server's own, of which agents' processes get {@code PATH} alone
   * @param mask hides known secrets in what owners read of their deployments
   * @throws ConfigException when the data directory cannot be written
   */
  public static ControlPlane start(
      ControlPlaneConfig config,
      PlatformDatabase database,
      Notifications notifications,
      Map<String, String> environment,
      Mask mask) {
    requireWritable(config.dataDir());
    config.services().hide(mask);
    return new ControlPlane(config, database, notifications, environment, mask);
  }

  /** What one server does for all. */
  private static ClusterTasks tasks(
      ControlPlaneConfig config,
      PlatformDatabase database,
      BuiltProviders providers,
      Budgets budgets) {
    Clock clock = Clock.systemUTC();
    ClusterTasks tasks = new ClusterTasks(database.dsl(), clock);
    Alarms alarms = new Alarms(database.dsl());
    Collection<Provider> all = providers.all().available().values();
    new Pool(database, config.pool(), all, config.providers(), alarms, clock, Pool.Times.STANDARD)
        .addTo(tasks);
    new Reconciler(database, config.reconcile(), all, alarms, clock).addTo(tasks);
    budgets.addTo(tasks);
    tasks.every("aleph-credits", CREDITS_PERIOD, _ -> providers.aleph().watch());
    return tasks;
  }

  /**
   * What an operator's command needs to speak of all agents; it starts nothing.
   *
   * @param bundles the release that new agents get wherever bundles are used
   */
  public static Fleet fleet(
      ControlPlaneConfig config, PlatformDatabase database, Supplier<Optional<String>> bundles) {
    return new Fleet(
        database,
        provider -> {
          if (!provider.equals(ProcessProvider.NAME)) {
            return bundles.get();
          }
          try {
            AgentRelease own = BuiltProviders.release(config);
            return own.present() ? Optional.of(own.id()) : Optional.empty();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** The registered machines, for an operator's command. */
  public static Hosts hosts(
      ControlPlaneConfig config, PlatformDatabase database, SshConnections connections) {
    return BuiltProviders.hosts(config, database, connections);
  }

  /**
   * Why no agent can be deployed by each of the providers in use, empty where one can. Starts
   * nothing.
   */
  public static Map<String, Optional<String>> missing(
      ControlPlaneConfig config, PlatformDatabase database, Map<String, String> environment) {
    requireWritable(config.dataDir());
    try (SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      Gateway here = new Gateway.Here();
      return BuiltProviders.of(config, database, Catalogue.load(), connections, here, environment)
          .all()
          .missing();
    }
  }

  private static void requireWritable(Path directory) {
    try {
      Files.createDirectories(directory);
      // Asking for permissions says nothing of a file system that is full or read-only.
      Files.delete(Files.createTempFile(directory, ".writable-", ""));
    } catch (IOException e) {
      throw new ConfigException(
          List.of(
              "LIBERCLAW_DATA_DIR names a directory that cannot be written: "
                  + e.getClass().getSimpleName()));
    }
  }

  public Agents agents() {
    return agents;
  }

  /** Ways to agents that listen on other machines' loopback addresses. */
  public AgentTunnels tunnels() {
    return tunnels;
  }

  /** What calls of models may cost. */
  public Budgets budgets() {
    return budgets;
  }

  public Catalogue catalogue() {
    return catalogue;
  }

  /**
   * Tells where the gateway to models listens on this machine, for the agents of this machine. They
   * are started once it is told.
   *
   * @param origin scheme, host and port
   */
  public void gatewayListens(URI origin) {
    gateway.opened(origin);
  }

  /** Whether deployments are taken up and agents of this machine looked after. */
  public boolean ready() {
    return worker.ready() && supervisor.ready() && keeper.map(ContainerKeeper::ready).orElse(true);
  }

  /** Gives deployments at hand back, and ends the agents of this machine; both go on later. */
  @Override
  public void close() {
    while (!closings.isEmpty()) {
      closings.pop().run();
    }
  }
}
