package ai.liberclaw.deploy.provider.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.db.postgres.Notifications;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.agent.AgentDraft;
import ai.liberclaw.deploy.agent.AgentEndpoint;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentStream;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.PerlRelease;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.deploy.release.Releases;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Agents on a registered Debian machine, by a whole control plane. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class SshLifeTest {
  private static final Duration STEP = Duration.ofSeconds(90);
  private static final int RAW_KEY_BYTES = 32;

  @TempDir Path directory;
  private final PlatformDatabase database;
  private final KeyPair signer;
  private DebianHost machine;
  private ControlPlaneConfig config;
  private ControlPlane plane;
  private Notifications notifications;
  private AgentClient client;
  private SshConnections connections;
  private Hosts hosts;

  @SuppressWarnings("NullAway.Init")
  SshLifeTest(Platform platform) throws Exception {
    database = platform.database();
    signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  @BeforeEach
  void start() {
    database.dsl().execute("truncate hosts, releases cascade");
    machine = DebianHost.start();
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
    config = ControlPlaneConfig.read(env);
    env.throwIfProblems();
    connections = new SshConnections(SshConnections.Settings.usual());
    hosts = ControlPlane.hosts(config, database, connections);
    notifications = new Notifications(database);
    plane = ControlPlane.start(config, database, notifications, Map.of(), new Mask());
    notifications.start();
    client =
        new AgentClient(AgentClient.Timeouts.STANDARD, false, Clock.systemUTC(), plane.tunnels());
  }

  @AfterEach
  void stop() {
    client.close();
    plane.close();
    notifications.close();
    connections.close();
    machine.close();
  }

  @Test
  void livesAWholeLife() throws Exception {
    release("v1");
    Host host = hosts.add(candidate());
    assertFalse(
        database.dsl().fetchOne("select ssh_key from hosts").get(0, String.class).contains("KEY"));
    UUID owner = TestPlane.user(database, "pro");
    Agent agent = plane.agents().create(owner, draft("First"));
    awaitStatus(owner, agent.id(), "running");
    AgentEndpoint endpoint = plane.agents().endpoint(owner, agent.id()).orElseThrow();
    assertEquals("ssh://127.0.0.1:" + machine.sshPort(), endpoint.base().orElseThrow().toString());
    AgentAddress address = endpoint.address().orElseThrow();
    String firstBoot = client.health(address).capabilities().bootId().orElseThrow();
    chatsEventByEvent(address);
    assertEquals(1, hosts.agents(host));

    // Another server of the installation opens its own way.
    try (SshConnections others = new SshConnections(SshConnections.Settings.usual())) {
      AgentClient second =
          new AgentClient(
              AgentClient.Timeouts.STANDARD,
              false,
              Clock.systemUTC(),
              new ai.liberclaw.deploy.host.HostTunnels(
                  others, ControlPlane.hosts(config, database, others), Clock.systemUTC()));
      assertEquals(firstBoot, second.health(address).capabilities().bootId().orElseThrow());
      second.close();
    }

    // A good update.
    Release two = release("v2");
    plane.agents().redeploy(owner, agent.id());
    awaitStatus(owner, agent.id(), "running");
    assertNotEquals(firstBoot, client.health(address).capabilities().bootId().orElseThrow());
    String data = "/var/lib/liberclaw/agents/" + agent.id();
    assertEquals("started by v1\nstarted by v2\n", machine.read(data + "/agent.db"));
    assertFalse(machine.exists("/etc/liberclaw/agents/" + agent.id() + "/kept"));

    // A broken one: the agent is back as it was, and the owner was told.
    release("v3-broken");
    plane.agents().redeploy(owner, agent.id());
    awaitStatus(owner, agent.id(), "running");
    client.health(address);
    assertTrue(
        machine
            .check("readlink", "/etc/liberclaw/agents/" + agent.id() + "/release")
            .endsWith(two.id()));
    assertTrue(
        machine.read(data + "/agent.db").startsWith("started by v1\nstarted by v2\nstarted by v2"));

    // Nothing secret beside the agent's own files.
    String secret = endpoint.secret();
    machine
        .processes()
        .forEach(p ->
            assertFalse((p.arguments() + " " + p.environment()).contains(secret), p.toString()));

    assertTrue(plane.agents().delete(owner, agent.id()));
    Await.until(
        "all of it is gone",
        STEP,
        () -> database.dsl().fetchCount(org.jooq.impl.DSL.table("instances")) == 0);
    assertFalse(machine.exists(data));
    assertFalse(machine.exists("/etc/liberclaw/agents/" + agent.id()));
    assertEquals(0, hosts.agents(host));
    assertThrows(AgentException.class, () -> client.health(address));
    assertTrue(hosts.remove(host));
    assertFalse(machine.read("/root/.ssh/authorized_keys").contains("liberclaw\n"));
  }

  @Test
  void talksToNoMachineWithAnotherKey() throws Exception {
    release("v1");
    Host host = hosts.add(candidate());
    machine.changeHostKeys();
    connections.close();
    connections = new SshConnections(SshConnections.Settings.usual());
    hosts = ControlPlane.hosts(config, database, connections);
    ProviderException refused = assertThrows(ProviderException.class, () -> hosts.check(host));
    assertEquals("host_key_changed", refused.code());
  }

  private static void assertEventual(List<Long> arrivals) {
    long spread = arrivals.getLast() - arrivals.getFirst();
    assertTrue(spread > 1_000_000_000L, "events came all at once: " + arrivals);
  }

  private void chatsEventByEvent(AgentAddress address) throws Exception {
    List<Long> arrivals = new ArrayList<>();
    try (AgentStream stream =
            client.chat(address, Json.object().put("message", "hello").put("chat_id", "c"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.startsWith("data:")) {
          arrivals.add(System.nanoTime());
        }
      }
    }
    assertEquals(5, arrivals.size());
    assertEventual(arrivals);
  }

  private Hosts.Candidate candidate() throws Exception {
    HostKey shown = connections.scan("127.0.0.1", machine.sshPort(), Duration.ofSeconds(10));
    assertEquals(machine.fingerprint(), shown.fingerprint());
    return new Hosts.Candidate(
        "vm1",
        "127.0.0.1",
        machine.sshPort(),
        "root",
        shown,
        SshKey.read(Files.readString(machine.key())),
        false,
        3);
  }

  private Release release(String version) throws Exception {
    Path folder = directory.resolve(version);
    PerlRelease.bundle(folder, version, signer.getPrivate());
    Releases releases = new Releases(database, config.releases());
    Release release = releases.add(folder);
    assertTrue(releases.makeCurrent(release.id()));
    return release;
  }

  private void awaitStatus(UUID owner, UUID agent, String status) {
    Await.until(
        "the agent is " + status,
        STEP,
        () -> plane.agents().find(owner, agent).orElseThrow().status().equals(status));
  }

  private static AgentDraft draft(String name) {
    return new AgentDraft(
        name,
        Optional.of("Line one\nLine \"two\" # $HOME"),
        Optional.empty(),
        Optional.empty(),
        Optional.of(List.of("git", "sql")));
  }
}
