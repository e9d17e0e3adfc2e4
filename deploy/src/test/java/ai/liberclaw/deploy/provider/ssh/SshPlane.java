package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.AgentAdoption;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentDraft;
import ai.liberclaw.deploy.agent.AgentRecipe;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.agent.CreationCaps;
import ai.liberclaw.deploy.agent.Providers;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.host.HostTunnels;
import ai.liberclaw.deploy.host.PerlRelease;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.inference.AgentTokens;
import ai.liberclaw.deploy.job.DeploymentWorker;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.Releases;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Agents on registered machines, by the parts of a control plane that deal with them. */
final class SshPlane implements AutoCloseable {
  private static final Duration STEP = Duration.ofSeconds(90);
  private static final int RAW_KEY_BYTES = 32;

  final ControlPlaneConfig config;
  final PlatformDatabase database;
  final SshConnections connections;
  final Hosts hosts;
  final SshProvider provider;
  final HostKeeper keeper;
  final Alarms alarms;
  final Agents agents;
  final AgentClient client;
  private final Path directory;
  private final KeyPair signer;
  private final Notifications notifications;
  private final DeploymentWorker worker;

  SshPlane(PlatformDatabase database, Path directory, AgentNames names) throws Exception {
    this.database = database;
    this.directory = directory;
    database.dsl().execute("truncate hosts, releases, alarms cascade");
    signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    config = config(directory, signer);
    connections =
        new SshConnections(
            new SshConnections.Settings(
                Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofSeconds(5)));
    hosts = ControlPlane.hosts(config, database, connections);
    Catalogue catalogue = Catalogue.load();
    provider =
        new SshProvider(
            database,
            hosts,
            names,
            new SshProvider.Settings(
                new Releases(database, config.releases()),
                new ModelAccess(
                    config.agentDefaults(),
                    config.gateway().fromAway(),
                    new AgentTokens(config.keys())),
                _ -> Optional.empty()));
    alarms = new Alarms(database.dsl());
    keeper = new HostKeeper(database, hosts, names, alarms, Duration.ofHours(1));
    Providers providers =
        new Providers(List.of("ssh"), Map.of(), Map.of("ssh", provider), "machine");
    agents =
        new Agents(
            database,
            catalogue,
            providers,
            config.keys(),
            config.quotas(),
            new CreationCaps(config.creations(), Clock.systemUTC()),
            config.menu());
    notifications = new Notifications(database);
    worker =
        new DeploymentWorker(
                database,
                notifications,
                new AgentRecipe(database, providers, config.keys()),
                new Mask(),
                new DeploymentWorker.Settings(
                    4,
                    Duration.ofSeconds(5),
                    Duration.ofMillis(200),
                    3,
                    new Backoff(Duration.ofMillis(100), Duration.ofMillis(500), 0.1)))
            .start();
    notifications.start();
    client =
        new AgentClient(
            AgentClient.Timeouts.STANDARD,
            false,
            Clock.systemUTC(),
            new HostTunnels(connections, hosts, Clock.systemUTC()));
  }

  private static ControlPlaneConfig config(Path directory, KeyPair signer) {
    byte[] encoded = signer.getPublic().getEncoded();
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - RAW_KEY_BYTES, encoded.length);
    Map<String, String> variables = new HashMap<>();
    variables.put("LIBERCLAW_DATA_DIR", directory.resolve("data").toString());
    variables.put("LIBERCLAW_ENCRYPTION_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    variables.put("LIBERCLAW_PROVIDERS", "ssh");
    variables.put("LIBERCLAW_RELEASE_PUBLIC_KEYS", Base64.getEncoder().encodeToString(raw));
    variables.put("LIBERTAI_API_KEY", "sk-test-model-key-0123456789");
    variables.put("LIBERCLAW_GATEWAY_URL", "https://gateway.example");
    EnvReader env = new EnvReader(variables);
    ControlPlaneConfig config = ControlPlaneConfig.read(env);
    env.throwIfProblems();
    return config;
  }

  AgentAdoption adoption() {
    return new AgentAdoption(config, database, connections);
  }

  Hosts.Candidate candidate(DebianHost machine, String name, Optional<String> publicName)
      throws Exception {
    return candidate(machine, name, "root", false, publicName);
  }

  Hosts.Candidate candidate(
      DebianHost machine, String name, String login, boolean rootless, Optional<String> publicName)
      throws Exception {
    return new Hosts.Candidate(
        name,
        "127.0.0.1",
        machine.sshPort(),
        login,
        connections.scan("127.0.0.1", machine.sshPort(), Duration.ofSeconds(10)),
        SshKey.read(Files.readString(machine.key())),
        rootless,
        10,
        publicName);
  }

  /** What new agents get from now on. */
  Release release(String version) throws Exception {
    Path folder = directory.resolve(version);
    PerlRelease.bundle(folder, version, signer.getPrivate());
    Releases releases = new Releases(database, config.releases());
    Release release = releases.add(folder);
    releases.makeCurrent(release.id());
    return release;
  }

  Agent create(UUID owner, String name) {
    AgentDraft draft =
        new AgentDraft(
            name, Optional.of("Help."), Optional.empty(), Optional.empty(), Optional.empty());
    Agent agent = agents.create(owner, draft);
    awaitRunning(owner, agent.id());
    return agent;
  }

  void awaitRunning(UUID owner, UUID agent) {
    Await.until(
        "the agent is running",
        STEP,
        () -> {
          String status = agents.find(owner, agent).orElseThrow().status();
          if (status.equals("failed")) {
            throw new AssertionError(agents.status(owner, agent).orElseThrow().progress());
          }
          return status.equals("running");
        });
  }

  AgentAddress address(UUID owner, UUID agent) {
    return agents.endpoint(owner, agent).orElseThrow().address().orElseThrow();
  }

  void delete(UUID owner, UUID agent) {
    agents.delete(owner, agent);
    Await.until(
        "all of it is gone",
        STEP,
        () ->
            database
                .dsl()
                .fetch("select 1 from instances where agent_id = {0}", org.jooq.impl.DSL.val(agent))
                .isEmpty());
  }

  String state(UUID agent) {
    return database
        .dsl()
        .fetchSingle(
            "select state from instances where agent_id = {0}", org.jooq.impl.DSL.val(agent))
        .get(0, String.class);
  }

  @Override
  public void close() {
    client.close();
    worker.close();
    notifications.close();
    connections.close();
  }
}
