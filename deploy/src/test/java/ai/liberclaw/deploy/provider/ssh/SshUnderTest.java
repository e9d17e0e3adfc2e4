package ai.liberclaw.deploy.provider.ssh;

import ai.liberclaw.core.secret.Envelope;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.host.AgentsOfHost;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.SignedReleases;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Provider;
import ai.liberclaw.deploy.provider.ProviderUnderTest;
import ai.liberclaw.testkit.host.DebianHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Agents of two installations on one registered Debian machine. */
final class SshUnderTest implements ProviderUnderTest {
  private static final int AGENTS_MAX = 50;

  private final PlatformDatabase database;
  private final SignedReleases releases;
  private final SshConnections connections = new SshConnections(SshConnections.Settings.usual());
  private final DebianHost machine;
  private final AgentsOfHost seen;
  private final Host host;
  private final SshProvider provider;
  private final SshProvider stranger;

  SshUnderTest(PlatformDatabase database, Path directory) throws Exception {
    this.database = database;
    this.releases = new SignedReleases(database, directory);
    this.machine = DebianHost.start();
    this.seen = new AgentsOfHost(machine);
    Hosts hosts = hosts(InstallationStore.id(database.dsl()));
    database.dsl().execute("truncate hosts cascade");
    this.host = hosts.add(candidate());
    this.provider = provider(hosts);
    this.stranger = provider(hosts(UUID.randomUUID()));
  }

  private Hosts hosts(UUID installation) {
    Envelope envelope = FernetKeys.parse("A".repeat(43) + "=", false).envelope();
    return new Hosts(database, envelope, connections, installation);
  }

  private SshProvider provider(Hosts hosts) {
    return new SshProvider(
        database,
        hosts,
        AgentNames.of(Optional.empty()),
        new SshProvider.Settings(
            releases.releases(),
            new ModelAccess(Map.of("MODEL_PROVIDER", "offline", "LIBERTAI_API_KEY", KEY)),
            _ -> Optional.empty(),
            _ -> Optional.of(SKILL)));
  }

  private Hosts.Candidate candidate() throws Exception {
    return new Hosts.Candidate(
        "contract",
        "127.0.0.1",
        machine.sshPort(),
        "root",
        new HostKey(machine.hostKey()),
        SshKey.read(Files.readString(machine.key())),
        false,
        AGENTS_MAX,
        Optional.empty());
  }

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public Provider stranger() {
    return stranger;
  }

  @Override
  public void reset() {
    if (HostStore.find(database.dsl(), host.id()).isEmpty()) {
      HostStore.insert(database.dsl(), host);
    }
  }

  @Override
  public String release(String version) {
    return releases.make(version).id();
  }

  @Override
  public Map<String, String> variables(Instance instance) {
    return seen.variables(instance.agentId());
  }

  @Override
  public String inside(Instance instance, String script) {
    return seen.inside(instance.agentId(), script);
  }

  @Override
  public int running(UUID agentId) {
    return seen.running(agentId);
  }

  @Override
  public List<String> left(UUID agentId) {
    return seen.left(agentId);
  }

  @Override
  public void close() {
    connections.close();
    machine.close();
    database.dsl().execute("truncate hosts cascade");
  }
}
