package ai.liberclaw.deploy;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.catalogue.Skill;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.inference.Gateway;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.aleph.AlephProvider;
import ai.liberclaw.deploy.provider.container.ContainerContext;
import ai.liberclaw.deploy.provider.container.ContainerProvider;
import ai.liberclaw.deploy.provider.process.AgentRelease;
import ai.liberclaw.deploy.provider.process.ProcessProvider;
import ai.liberclaw.deploy.provider.ssh.AgentNames;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import ai.liberclaw.deploy.provider.ssh.SshProvider;
import ai.liberclaw.deploy.release.Releases;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * The providers of one server, made from its configuration. Making them starts nothing.
 *
 * @param containers only where they are in use: their engine may not be there
 * @param hosts the registered machines
 * @param names of agents on these
 */
record BuiltProviders(
    ProcessProvider process,
    Optional<ContainerProvider> containers,
    SshProvider ssh,
    AlephProvider aleph,
    Hosts hosts,
    AgentNames names,
    Providers all) {
  /** How agents reach models: those beside this server, in its containers, on other machines. */
  private record Models(ModelAccess beside, ModelAccess inContainers, ModelAccess away) {
    static Models of(ControlPlaneConfig config, Gateway here) {
      AgentTokens tokens = new AgentTokens(config.keys());
      Map<String, String> defaults = config.agentDefaults();
      return new Models(
          new ModelAccess(defaults, here, tokens),
          new ModelAccess(defaults, config.gateway().fromContainers(), tokens),
          new ModelAccess(defaults, config.gateway().fromAway(), tokens));
    }
  }

  /**
   * @param here this server's own gateway
   */
  static BuiltProviders of(
      ControlPlaneConfig config,
      PlatformDatabase database,
      Catalogue catalogue,
      SshConnections connections,
      Gateway here,
      Map<String, String> environment) {
    UUID installation = InstallationStore.id(database.dsl());
    Releases releases = new Releases(database, config.releases());
    Models models = Models.of(config, here);
    Function<String, Optional<String>> skillText = id -> catalogue.skill(id).map(Skill::content);
    ProcessProvider process =
        new ProcessProvider(
            new ProcessProvider.Settings(
                config.dataDir(),
                installation,
                release(config),
                models.beside(),
                skillText,
                environment));
    Optional<ContainerProvider> containers =
        config.providers().contains(ContainerProvider.NAME)
            ? Optional.of(
                new ContainerProvider(
                    new ContainerContext(
                        config.containers(),
                        config.dataDir(),
                        installation,
                        process.machineId(),
                        models.inContainers(),
                        skillText,
                        releases::require)))
            : Optional.empty();
    Hosts hosts = hosts(config, database, connections);
    Optional<HostProxy> proxy = HostProxy.of(config.proxy());
    AgentNames names = AgentNames.of(proxy);
    SshProvider ssh =
        new SshProvider(
            database, hosts, names, new SshProvider.Settings(releases, models.away(), skillText));
    AlephProvider aleph =
        new AlephProvider(
            new AlephProvider.Settings(
                config.aleph(),
                database,
                installation,
                releases,
                models.away(),
                connections,
                new Alarms(database.dsl()),
                config.keys().envelope(),
                skillText,
                proxy,
                Clock.systemUTC()));
    Map<String, Provider> available = new HashMap<>();
    available.put(process.name(), process);
    available.put(ssh.name(), ssh);
    available.put(aleph.name(), aleph);
    containers.ifPresent(provider -> available.put(provider.name(), provider));
    return new BuiltProviders(
        process,
        containers,
        ssh,
        aleph,
        hosts,
        names,
        new Providers(config.providers(), config.tierProviders(), available, process.machineId()));
  }

  static Hosts hosts(
      ControlPlaneConfig config, PlatformDatabase database, SshConnections connections) {
    return new Hosts(
        database, config.keys().envelope(), connections, InstallationStore.id(database.dsl()));
  }

  /** What agents of this machine run. */
  static AgentRelease release(ControlPlaneConfig config) {
    AgentRelease release =
        config
            .agentDir()
            .map(dir -> new AgentRelease(dir.toAbsolutePath().normalize()))
            .orElseGet(() -> AgentRelease.beside(ControlPlane.class));
    return config.devMode() ? release.following() : release;
  }
}
