package ai.liberclaw.deploy;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.InstanceHealth;
import ai.liberclaw.deploy.agent.OwnerKeys;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.catalogue.Skill;
import ai.liberclaw.deploy.client.AgentTunnels;
import ai.liberclaw.deploy.fleet.Fleet;
import ai.liberclaw.deploy.fleet.RolloutRunner;
import ai.liberclaw.deploy.host.HostTunnels;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.process.AgentRelease;
import ai.liberclaw.deploy.provider.process.ProcessProvider;
import ai.liberclaw.deploy.provider.process.Supervisor;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import ai.liberclaw.deploy.provider.ssh.SshProvider;
import ai.liberclaw.deploy.release.Releases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The control plane of one server: agents, the worker that deploys them, and the supervisor of
 * those that live on this machine. Any number of servers may run one on the same database.
 */
public final class ControlPlane implements AutoCloseable {
  /** Wire version of the agent this server ships; an older one is offered an update. */
  public static final int AGENT_VERSION = 10;

  private final Agents agents;
  private final Catalogue catalogue;
  private final DeploymentWorker worker;
  private final Supervisor supervisor;
  private final RolloutRunner rollouts;
  private final SshConnections connections;
  private final Hosts hosts;

  private ControlPlane(
      Agents agents,
      Catalogue catalogue,
      DeploymentWorker worker,
      Supervisor supervisor,
      RolloutRunner rollouts,
      SshConnections connections,
      Hosts hosts) {
    this.agents = agents;
    this.catalogue = catalogue;
    this.worker = worker;
    this.supervisor = supervisor;
    this.rollouts = rollouts;
    this.connections = connections;
    this.hosts = hosts;
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
    config
        .models()
        .variables()
        .forEach((name, value) -> {
          if (name.endsWith("_API_KEY")) {
            mask.register(value);
          }
        });
    Catalogue catalogue = Catalogue.load();
    ProcessProvider process =
        new ProcessProvider(
            new ProcessProvider.Settings(
                config.dataDir(),
                InstallationStore.id(database.dsl()),
                release(config),
                config.models(),
                new OwnerKeys(database, config.keys())::newest,
                id -> catalogue.skill(id).map(Skill::content),
                environment));
    SshConnections connections = new SshConnections(SshConnections.Settings.usual());
    Hosts hosts = hosts(config, database, connections);
    SshProvider ssh =
        new SshProvider(
            database,
            hosts,
            new SshProvider.Settings(
                new Releases(database, config.releases()),
                config.models(),
                new OwnerKeys(database, config.keys())::newest,
                id -> catalogue.skill(id).map(Skill::content)));
    Providers providers =
        new Providers(
            config.providers(),
            config.tierProviders(),
            Map.of(process.name(), process, ssh.name(), ssh),
            process.machineId());
    Agents agents =
        new Agents(
            database,
            catalogue,
            providers,
            config.keys(),
            config.quotas(),
            new CreationCaps(config.creations(), Clock.systemUTC()),
            config.defaultModel());
    DeploymentWorker worker =
        new DeploymentWorker(
                database,
                notifications,
                new AgentRecipe(database, providers, config.keys()),
                mask,
                DeploymentWorker.Settings.usual())
            .start();
    Supervisor supervisor = new Supervisor(database, process, Clock.systemUTC()).start();
    RolloutRunner rollouts =
        new RolloutRunner(
                database,
                new InstanceHealth(database, providers)::well,
                RolloutRunner.Times.usual())
            .start();
    return new ControlPlane(agents, catalogue, worker, supervisor, rollouts, connections, hosts);
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
            AgentRelease own = release(config);
            return own.present() ? Optional.of(own.id()) : Optional.empty();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** The registered machines; also for an operator's command. */
  public static Hosts hosts(
      ControlPlaneConfig config, PlatformDatabase database, SshConnections connections) {
    return new Hosts(
        database, config.keys().envelope(), connections, InstallationStore.id(database.dsl()));
  }

  private static AgentRelease release(ControlPlaneConfig config) {
    AgentRelease release =
        config
            .agentDir()
            .map(dir -> new AgentRelease(dir.toAbsolutePath().normalize()))
            .orElseGet(() -> AgentRelease.beside(ControlPlane.class));
    return config.devMode() ? release.following() : release;
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
    return new HostTunnels(connections, hosts, Clock.systemUTC());
  }

  public Catalogue catalogue() {
    return catalogue;
  }

  /** Whether deployments are taken up and agents of this machine looked after. */
  public boolean ready() {
    return worker.ready() && supervisor.ready();
  }

  /** Gives deployments at hand back, and ends the agents of this machine; both go on later. */
  @Override
  public void close() {
    rollouts.close();
    worker.close();
    supervisor.close();
    connections.close();
  }
}
