package ai.liberclaw.deploy;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.OwnerKeys;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.catalogue.Skill;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.process.AgentRelease;
import ai.liberclaw.deploy.provider.process.ProcessProvider;
import ai.liberclaw.deploy.provider.process.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  private ControlPlane(
      Agents agents, Catalogue catalogue, DeploymentWorker worker, Supervisor supervisor) {
    this.agents = agents;
    this.catalogue = catalogue;
    this.worker = worker;
    this.supervisor = supervisor;
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
    ProcessProvider process = process(config, database, catalogue, environment);
    Providers providers =
        new Providers(
            config.providers(),
            config.tierProviders(),
            Map.of(process.name(), process),
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
    return new ControlPlane(agents, catalogue, worker, supervisor);
  }

  private static ProcessProvider process(
      ControlPlaneConfig config,
      PlatformDatabase database,
      Catalogue catalogue,
      Map<String, String> environment) {
    return new ProcessProvider(
        new ProcessProvider.Settings(
            config.dataDir(),
            InstallationStore.id(database.dsl()),
            config
                .agentDir()
                .map(dir -> new AgentRelease(dir.toAbsolutePath().normalize()))
                .orElseGet(() -> AgentRelease.beside(ControlPlane.class)),
            config.models(),
            new OwnerKeys(database, config.keys())::newest,
            id -> catalogue.skill(id).map(Skill::content),
            environment));
  }

  /**
   * Why no agent can be deployed by each of the providers in use, empty where one can. Starts
   * nothing.
   */
  public static Map<String, Optional<String>> missing(
      ControlPlaneConfig config, PlatformDatabase database, Map<String, String> environment) {
    requireWritable(config.dataDir());
    Provider process = process(config, database, Catalogue.load(), environment);
    return new Providers(
            config.providers(), config.tierProviders(), Map.of(process.name(), process), "")
        .missing();
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
    worker.close();
    supervisor.close();
  }
}
