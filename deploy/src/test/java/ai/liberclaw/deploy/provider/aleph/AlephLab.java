package ai.liberclaw.deploy.provider.aleph;

import static ai.liberclaw.db.platform.Tables.ALARMS;
import static ai.liberclaw.db.platform.Tables.ALEPH_MESSAGES;
import static ai.liberclaw.db.platform.Tables.NODE_FAULTS;
import static ai.liberclaw.db.platform.Tables.NODE_STATS;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Kept;
import ai.liberclaw.deploy.aleph.NodeStore;
import ai.liberclaw.deploy.host.PerlRelease;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.host.proxy.PublicClient;
import ai.liberclaw.deploy.provider.AgentSettings;
import ai.liberclaw.deploy.provider.Fenced;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.Instance;
import ai.liberclaw.deploy.provider.InstanceStore;
import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.release.Bundle;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.ReleaseKeys;
import ai.liberclaw.deploy.release.ReleaseSettings;
import ai.liberclaw.deploy.release.Releases;
import ai.liberclaw.testkit.aleph.AlephNetwork;
import ai.liberclaw.testkit.aleph.Machines;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A network, an account with credits in it, and a provider that uses it. */
final class AlephLab implements AutoCloseable {
  static final String KEY = "01".repeat(32);
  static final String ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1";
  static final long PLENTY = 1_000_000_000;

  /** For machines that are there at once, or never. */
  static final AlephTimes QUICK = times(Duration.ofSeconds(2), Duration.ofSeconds(2));

  /** For machines that really start, with names that are there or never come. */
  static final AlephTimes REAL = times(Duration.ofSeconds(60), Duration.ofSeconds(2));

  /** For machines that really start, and get certificates. */
  static final AlephTimes NAMED = times(Duration.ofSeconds(60), Duration.ofSeconds(30));

  private static AlephTimes times(Duration started, Duration named) {
    return new AlephTimes(
        Duration.ofSeconds(3),
        Duration.ofSeconds(1),
        started,
        Duration.ofSeconds(30),
        named,
        started,
        Duration.ofMillis(1),
        Duration.ofMinutes(10),
        Duration.ofMinutes(2),
        Duration.ofDays(7),
        new Backoff(Duration.ofMillis(20), Duration.ofMillis(200), 0));
  }

  final AlephNetwork network;
  final PlatformDatabase database;
  final UUID installation;
  final Alarms alarms;
  final AlephProvider provider;
  private final AlephTimes times;
  private final Optional<HostProxy> proxy;
  private final SshConnections connections = new SshConnections(SshConnections.Settings.usual());
  final Releases releases;
  private final KeyPair releaseKey = releaseKey();

  AlephLab(PlatformDatabase database, Path store, int nodes, Map<String, String> more) {
    this(database, store, AlephNetwork.start(Machines.none(), nodes), QUICK, more);
  }

  AlephLab(
      PlatformDatabase database,
      Path store,
      AlephNetwork network,
      AlephTimes times,
      Map<String, String> more) {
    this(database, store, network, times, more, Optional.empty());
  }

  /**
   * @param proxy with it agents get public names, which the network's gateway leads to
   */
  AlephLab(
      PlatformDatabase database,
      Path store,
      AlephNetwork network,
      AlephTimes times,
      Map<String, String> more,
      Optional<HostProxy> proxy) {
    this.database = database;
    this.times = times;
    this.proxy = proxy;
    byte[] encoded = releaseKey.getPublic().getEncoded();
    String trusted =
        Base64.getEncoder().encodeToString(Arrays.copyOfRange(encoded, 12, encoded.length));
    releases =
        new Releases(
            database,
            new ReleaseSettings(store, Optional.empty(), false, new ReleaseKeys(List.of(trusted))));
    this.network = network;
    database.dsl().deleteFrom(ALEPH_MESSAGES).execute();
    database.dsl().deleteFrom(NODE_FAULTS).execute();
    database.dsl().deleteFrom(NODE_STATS).execute();
    database.dsl().deleteFrom(ALARMS).execute();
    network.grant(ADDRESS, PLENTY);
    installation = InstallationStore.id(database.dsl());
    alarms = new Alarms(database.dsl());
    provider = provider(more);
  }

  /** Another one over the same network and database, as another server has. */
  AlephProvider provider(Map<String, String> more) {
    return provider(more, connections);
  }

  AlephProvider provider(Map<String, String> more, SshConnections connections) {
    return provider(
        more,
        connections,
        installation,
        Map.of("MODEL_PROVIDER", "offline"),
        UnaryOperator.identity());
  }

  /**
   * One of another installation.
   *
   * @param models variables of its agents
   * @param skills text by id
   */
  AlephProvider provider(UUID whose, Map<String, String> models, UnaryOperator<String> skills) {
    return provider(Map.of(), connections, whose, models, skills);
  }

  private AlephProvider provider(
      Map<String, String> more,
      SshConnections connections,
      UUID whose,
      Map<String, String> models,
      UnaryOperator<String> skills) {
    return new AlephProvider(
        new AlephProvider.Settings(
            config(more),
            database,
            whose,
            releases,
            new ModelAccess(models),
            connections,
            alarms,
            FernetKeys.parse("A".repeat(43) + "=", false).envelope(),
            _ -> Optional.empty(),
            id -> Optional.of(skills.apply(id)),
            proxy,
            Clock.systemUTC()),
        times,
        Optional.of(this::answers));
  }

  private boolean answers(String name) {
    try {
      return PublicClient.status(network.gateway().tls().port(), name, "/health") > 0;
    } catch (IOException _) {
      return false;
    }
  }

  private AlephConfig config(Map<String, String> more) {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "ALEPH_PRIVATE_KEY", KEY,
                "LIBERCLAW_ALEPH_API_URLS", network.ccn().origin(),
                "LIBERCLAW_ALEPH_NODES_URL", network.listUrl(),
                "LIBERCLAW_ALEPH_GATEWAY_URL", network.gateway().server().origin(),
                "LIBERCLAW_ALEPH_PRIVATE_HOSTS", "127.0.0.1"));
    environment.putAll(more);
    EnvReader reader = new EnvReader(environment);
    AlephConfig config = AlephConfig.read(reader);
    reader.throwIfProblems();
    return config;
  }

  /** An order for an instance that has nothing yet. */
  TestOrder order() {
    UUID id = UUID.randomUUID();
    UUID agent = UUID.randomUUID();
    InstanceStore.insert(database.dsl(), id, agent, AlephProvider.NAME, 1);
    return new TestOrder(id, agent);
  }

  /** An order under which everything may be done until it is {@link #fence fenced}. */
  final class TestOrder implements Order {
    private final UUID id;
    private final UUID agent;
    private volatile boolean fenced;

    private TestOrder(UUID id, UUID agent) {
      this.id = id;
      this.agent = agent;
    }

    void fence() {
      fenced = true;
    }

    @Override
    public UUID agentId() {
      return agent;
    }

    @Override
    public UUID instanceId() {
      return id;
    }

    @Override
    public AgentSettings settings() {
      return new AgentSettings(
          "Name\nX=1", "Prompt \"two\"\n$(id)", "glm-4.7", UUID.randomUUID(), "00", List.of());
    }

    @Override
    public Optional<String> release() {
      return Optional.empty();
    }

    @Override
    public ObjectNode handle() {
      return InstanceStore.find(database.dsl(), id).map(Instance::handle).orElseThrow();
    }

    @Override
    public void check() {
      if (fenced) {
        throw new Fenced("test");
      }
    }

    @Override
    public void record(ObjectNode handle) {
      check();
      InstanceStore.record(database.dsl(), id, handle, provider.endpoint(handle));
    }

    MachineHandle machine() {
      return MachineHandle.of(id, handle());
    }

    List<Kept> messages() {
      return AlephMessageStore.ofInstance(database.dsl(), id);
    }
  }

  /** A release of a small agent, signed and imported, that new agents get from now on. */
  Release release(Path workshop, String version) throws Exception {
    Release made = PerlRelease.make(workshop, version);
    Files.writeString(made.folder().resolve(Bundle.MANIFEST), made.manifest().text());
    return signed(made.folder());
  }

  /** The same of the bundle that {@code make bundle} left. */
  Release built(Path workshop) throws Exception {
    Path made = Path.of("..", "api", "target", "bundle");
    assertTrue(Files.isDirectory(made), "there is no bundle: make bundle");
    try (Stream<Path> files = Files.list(made)) {
      for (Path file : files.toList()) {
        Files.copy(file, workshop.resolve(file.getFileName()));
      }
    }
    return signed(workshop);
  }

  private Release signed(Path folder) throws Exception {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(releaseKey.getPrivate());
    signature.update(Files.readAllBytes(folder.resolve(Bundle.MANIFEST)));
    Files.write(folder.resolve(Bundle.SIGNATURE), signature.sign());
    Release release = releases.add(folder);
    assertTrue(releases.makeCurrent(release.id()));
    return release;
  }

  private static KeyPair releaseKey() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Nodes to avoid, by the names the network gives them. */
  Map<String, String> faults() {
    return database
        .dsl()
        .selectFrom(NODE_FAULTS)
        .where(NODE_FAULTS.UNTIL.gt(Instant.now()))
        .fetchMap(NODE_FAULTS.NODE_URL, NODE_FAULTS.CODE);
  }

  Set<String> avoided() {
    return NodeStore.avoided(database.dsl());
  }

  Set<String> alarmNames() {
    return alarms.open().stream().map(Alarm::name).collect(Collectors.toSet());
  }

  @Override
  public void close() {
    connections.close();
    network.close();
  }
}
