package ai.liberclaw.deploy.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.host.HostAgents.Config;
import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of agents on real Debian machines, over real SSH. */
@OnHosts
final class HostAgentsTest {
  private static final UUID INSTALLATION = UUID.randomUUID();
  private static final Duration INSTALL_TIME_MAX = Duration.ofMinutes(1);
  private static final Duration PROBE = Duration.ofSeconds(2);

  @TempDir static Path store;
  private static DebianHost host;
  private static SshConnections connections;
  private static HostAgents agents;

  @BeforeAll
  static void start() throws Exception {
    host = DebianHost.start();
    connections = new SshConnections(SshConnections.Settings.usual());
    agents = new HostAgents(connections.shell(login(host, "root", false)), INSTALLATION);
  }

  @AfterAll
  static void stop() {
    if (connections != null) {
      connections.close();
    }
    if (host != null) {
      host.close();
    }
  }

  private static SshLogin login(DebianHost host, String user, boolean rootless) throws Exception {
    return new SshLogin(
        "127.0.0.1",
        host.sshPort(),
        user,
        new HostKey(host.hostKey()),
        SshKey.read(Files.readString(host.key())),
        rootless);
  }

  private static Config config(Release release, String name, Map<String, String> skills) {
    return new Config(
        release.id(),
        Map.of("AGENT_NAME", name, "LIBERTAI_API_KEY", "sk-very-secret-value"),
        skills);
  }

  private static Health awaitHealth(HostAgents agents, Place place) {
    Await.until(
        "the agent answers", Duration.ofSeconds(20), () -> agents.health(place, PROBE).answers());
    try {
      return agents.health(place, PROBE);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void livesFromItsFirstStartToItsEnd() throws Exception {
    wholeLife(host, agents);
  }

  @Test
  void livesTheSameWithoutSystemd() throws Exception {
    try (DebianHost bare = DebianHost.plan().withoutSystemd().start()) {
      HostAgents there =
          new HostAgents(connections.shell(login(bare, "root", false)), INSTALLATION);
      assertFalse(there.facts().systemd());
      wholeLife(bare, there);
    }
  }

  private void wholeLife(DebianHost on, HostAgents there) throws Exception {
    HostFacts facts = there.facts();
    assertEquals("debian 12", facts.os());
    assertTrue(Math.abs(facts.clockSkewSeconds()) < 5, facts.toString());
    Release first = PerlRelease.make(store, "v1");
    there.install(first, facts, INSTALL_TIME_MAX);
    UUID agent = UUID.randomUUID();
    UUID instance = UUID.randomUUID();
    Place place = there.prepare(agent, instance);
    assertEquals(place, there.prepare(agent, instance));
    there.configure(place, config(first, "One", Map.of("web", "search the web")));
    there.start(place);
    Health one = awaitHealth(there, place);
    assertEquals(first.id(), one.release().orElseThrow());
    assertTrue(there.started(place));

    String user = "lc-" + agent.toString().replace("-", "").substring(0, 12);
    String etc = "/etc/liberclaw/agents/" + agent;
    String data = "/var/lib/liberclaw/agents/" + agent;
    assertEquals(user + ":" + user + " 600", on.access(etc + "/config.json"));
    assertEquals(user + ":" + user + " 700", on.access(data));
    assertEquals("root:root 755", on.access("/opt/liberclaw/releases/" + first.id()));
    assertEquals("search the web", on.read(data + "/workspace/skills/web/SKILL.md"));
    assertTrue(
        on.processes().stream()
            .filter(p -> String.join(" ", p.arguments()).contains("bin/liberclaw-agent"))
            .anyMatch(p -> p.user().equals(user)));
    on.processes()
        .forEach(p -> {
          assertFalse(String.join(" ", p.arguments()).contains("sk-very-secret"), p.toString());
          assertFalse(String.join(" ", p.environment()).contains("sk-very-secret"), p.toString());
        });

    // A good update, with one skill exchanged and one that was edited.
    on.write(data + "/workspace/skills/web/SKILL.md", "edited by its owner");
    Release second = PerlRelease.make(store, "v2");
    there.install(second, facts, INSTALL_TIME_MAX);
    List<String> edited =
        there.configure(place, config(second, "Two", Map.of("web", "new text", "pdf", "read")));
    assertEquals(List.of("web"), edited);
    assertEquals(one.bootId(), there.health(place, PROBE).bootId());
    there.start(place);
    Health two = awaitHealth(there, place);
    assertEquals(second.id(), two.release().orElseThrow());
    assertFalse(two.bootId().equals(one.bootId()));
    assertTrue(on.exists(etc + "/kept"));
    there.settle(place);
    assertFalse(on.exists(etc + "/kept"));
    assertEquals("edited by its owner", on.read(data + "/workspace/skills/web/SKILL.md"));
    assertEquals("read", on.read(data + "/workspace/skills/pdf/SKILL.md"));
    assertFalse(there.revert(place));

    // A broken one, taken back with the database as it was.
    String before = on.read(data + "/agent.db");
    Release broken = PerlRelease.make(store, "v3-broken");
    there.install(broken, facts, INSTALL_TIME_MAX);
    there.configure(place, config(broken, "Three", Map.of("pdf", "read")));
    there.start(place);
    Await.until(
        "it is seen to be down",
        Duration.ofSeconds(10),
        () -> !there.started(place) || !there.health(place, PROBE).answers());
    on.write(data + "/agent.db", "ruined");
    assertTrue(there.revert(place));
    Health back = awaitHealth(there, place);
    assertEquals(second.id(), back.release().orElseThrow());
    assertEquals(before + "started by v2\n", on.read(data + "/agent.db"));
    assertTrue(on.read(etc + "/config.json").contains("\"Two\""));
    assertTrue(there.revert(place), "asked again after the answer was lost");
    awaitHealth(there, place);

    assertTrue(there.logs(place, 50).contains("listening as v2"));
    assertEquals(
        List.of(agent), there.inventory().stream().map(HostAgents.Marked::agentId).toList());
    there.destroy(agent, UUID.randomUUID());
    assertTrue(there.started(place), "another instance's end is not this one's");
    there.stop(place);
    assertFalse(there.started(place));
    there.destroy(agent, instance);
    there.destroy(agent, instance);
    assertEquals(List.of(), there.inventory());
    assertFalse(on.exists(etc));
    assertFalse(on.exists(data));
    assertFalse(on.run("id", user).succeeded());
    assertFalse(on.exists("/etc/systemd/system/liberclaw-agent@" + agent + ".service"));
    assertTrue(
        on.processes().stream()
            .noneMatch(p -> String.join(" ", p.arguments()).contains(agent.toString())));
  }

  @Test
  void survivesACrashAndAReboot() throws Exception {
    Release release = PerlRelease.make(store, "v1");
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    Place place = agents.prepare(UUID.randomUUID(), UUID.randomUUID());
    agents.configure(place, config(release, "One", Map.of()));
    agents.start(place);
    Health one = awaitHealth(agents, place);
    host.check("systemctl", "kill", "-s", "KILL", "liberclaw-agent@" + place.agentId());
    Await.until(
        "it is up again",
        Duration.ofSeconds(20),
        () -> {
          Health now = agents.health(place, PROBE);
          return now.answers() && !now.bootId().equals(one.bootId());
        });
    host.reboot();
    awaitHealth(agents, place);
    agents.destroy(place.agentId(), place.instanceId());
  }

  @Test
  void withoutSystemdAnAgentIsResumedAfterAReboot() throws Exception {
    try (DebianHost bare = DebianHost.plan().withoutSystemd().start()) {
      HostAgents there =
          new HostAgents(connections.shell(login(bare, "root", false)), INSTALLATION);
      Release release = PerlRelease.make(store, "v1");
      there.install(release, there.facts(), INSTALL_TIME_MAX);
      Place place = there.prepare(UUID.randomUUID(), UUID.randomUUID());
      there.configure(place, config(release, "One", Map.of()));
      there.start(place);
      Health one = awaitHealth(there, place);
      assertEquals(Map.of(place.agentId(), "active"), there.states());
      there.resume(place);
      assertEquals(one.bootId(), there.health(place, PROBE).bootId());
      bare.reboot();
      assertEquals(Map.of(place.agentId(), "inactive"), there.states());
      there.configure(place, config(release, "Two", Map.of()));
      there.resume(place);
      awaitHealth(there, place);
      assertTrue(
          bare.read("/etc/liberclaw/agents/" + place.agentId() + "/config.json").contains("One"),
          "what was never started is not started now");
    }
  }

  @Test
  void livesTheSameByALoginWithSudo() throws Exception {
    host.addUser("ops", true);
    HostAgents there = new HostAgents(connections.shell(login(host, "ops", false)), INSTALLATION);
    wholeLife(host, there);
  }

  @Test
  void livesBelowTheHomeOfALoginWithoutRights() throws Exception {
    host.addUser("alice", false);
    HostAgents there = new HostAgents(connections.shell(login(host, "alice", true)), INSTALLATION);
    assertEquals(
        "host_lacks", assertThrows(ProviderException.class, there::facts).code(), "no linger");
    host.check("loginctl", "enable-linger", "alice");
    HostFacts facts = there.facts();
    assertTrue(facts.systemd());
    Release first = PerlRelease.make(store, "v1");
    there.install(first, facts, INSTALL_TIME_MAX);
    UUID agent = UUID.randomUUID();
    UUID instance = UUID.randomUUID();
    Place place = there.prepare(agent, instance);
    there.configure(place, config(first, "One", Map.of("web", "search the web")));
    there.start(place);
    Health one = awaitHealth(there, place);
    String top = "/home/alice/.local/share/liberclaw";
    assertEquals("alice:alice 600", host.access(top + "/etc/agents/" + agent + "/config.json"));
    assertEquals("alice:alice 700", host.access(top + "/var/agents/" + agent));
    assertTrue(
        host.processes().stream()
            .filter(p -> String.join(" ", p.arguments()).contains("bin/liberclaw-agent"))
            .allMatch(p -> p.user().equals("alice")));

    Release broken = PerlRelease.make(store, "v2-broken");
    there.install(broken, facts, INSTALL_TIME_MAX);
    there.configure(place, config(broken, "Two", Map.of()));
    there.start(place);
    assertTrue(there.revert(place));
    Health back = awaitHealth(there, place);
    assertFalse(back.bootId().equals(one.bootId()));
    assertEquals(first.id(), back.release().orElseThrow());
    assertTrue(there.logs(place, 50).contains("listening as v1"), there.logs(place, 50));
    there.settle(place);
    assertEquals(Map.of(agent, "active"), there.states());

    host.reboot();
    awaitHealth(there, place);
    there.destroy(agent, instance);
    assertFalse(host.exists(top + "/etc/agents/" + agent));
    assertFalse(host.exists(top + "/var/agents/" + agent));
    assertEquals(List.of(), there.inventory());
    assertFalse(
        host.exists("/home/alice/.config/systemd/user/liberclaw-agent@" + agent + ".service"));
  }

  @Test
  void endsAScriptAndItsChildrenAtTheDeadline() throws Exception {
    HostShell shell = connections.shell(login(host, "root", false));
    ProviderException late =
        assertThrows(
            ProviderException.class,
            () -> shell.run("sleep 4711 & sleep 4712", Duration.ofSeconds(2)));
    assertEquals("host_timeout", late.code());
    assertTrue(host.processes().stream().noneMatch(p -> p.arguments().toString().contains("471")));
    HostShell.Result loud = shell.run("head -c 5000000 /dev/zero; exit 7", Duration.ofSeconds(20));
    assertEquals(7, loud.exit());
    assertTrue(loud.truncated());
    assertTrue(loud.out().length() <= HostShell.OUT_BYTES_MAX);
  }

  @Test
  void endsAScriptThatIsNotWaitedForAnyMore() throws Exception {
    HostShell shell = connections.shell(login(host, "root", false));
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                shell.run("sleep 4713", Duration.ofSeconds(60));
              } catch (InterruptedException _) {
                // As a deployment that is taken over.
              }
            });
    Await.until("it runs", Duration.ofSeconds(20), () -> runs("4713"));
    waiting.interrupt();
    Await.until("it is ended", Duration.ofSeconds(10), () -> !runs("4713"));
  }

  private static boolean runs(String argument) {
    return host.processes().stream().anyMatch(p -> p.arguments().contains(argument));
  }

  @Test
  void leavesOthersThingsAlone() throws Exception {
    Place place = agents.prepare(UUID.randomUUID(), UUID.randomUUID());
    HostAgents other =
        new HostAgents(connections.shell(login(host, "root", false)), UUID.randomUUID());
    assertTrue(other.inventory().isEmpty());
    ProviderException refused =
        assertThrows(
            ProviderException.class, () -> other.destroy(place.agentId(), place.instanceId()));
    assertEquals("foreign_directory", refused.code());
    assertEquals(
        "foreign_directory",
        assertThrows(ProviderException.class, () -> other.start(place)).code());
    agents.destroy(place.agentId(), place.instanceId());
  }

  @Test
  void takesNoDamagedRelease() throws Exception {
    Release release = PerlRelease.make(store, "v9");
    Path archive = release.folder().resolve(release.archiveSha256() + ".tar.zst");
    Release lying =
        new Release(
            release.manifest(), "0".repeat(64), Files.size(archive), "nobody", release.folder());
    Path misnamed = Files.move(archive, archive.resolveSibling("0".repeat(64) + ".tar.zst"));
    // The bytes are whole, what is said of them is not: as after a change on the way.
    HostFacts facts = withZstd(agents.facts());
    ProviderException damaged =
        assertThrows(ProviderException.class, () -> agents.install(lying, facts, INSTALL_TIME_MAX));
    assertEquals("archive_damaged", damaged.code());
    assertFalse(host.exists("/opt/liberclaw/releases/" + release.id()));
    Files.move(misnamed, archive);
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    host.check("sh", "-c", "echo x >> /opt/liberclaw/releases/" + release.id() + "/lib/ballast");
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    assertEquals(
        "300000",
        host.check("stat", "-c", "%s", "/opt/liberclaw/releases/" + release.id() + "/lib/ballast"));
  }

  private static HostFacts withZstd(HostFacts facts) {
    return HostFacts.of(
        Json.parse(facts.json().put("zstd", true).toString().getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void doesNotFollowLinksOutOfAWorkspace() throws Exception {
    Release release = PerlRelease.make(store, "v1");
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    Place place = agents.prepare(UUID.randomUUID(), UUID.randomUUID());
    String data = "/var/lib/liberclaw/agents/" + place.agentId();
    host.check(
        "sh",
        "-c",
        "mkdir -p /root/precious && ln -s /root/precious " + data + "/workspace/skills");
    assertEquals(
        List.of("web"), agents.configure(place, config(release, "x", Map.of("web", "text"))));
    host.check(
        "sh",
        "-c",
        "rm "
            + data
            + "/workspace/skills; rm -f "
            + data
            + "/managed.json; ln -s /root/precious/managed.json "
            + data
            + "/managed.json");
    agents.configure(place, config(release, "x", Map.of("web", "text")));
    assertFalse(host.exists("/root/precious/managed.json"));
    agents.destroy(place.agentId(), place.instanceId());
    assertTrue(host.exists("/root/precious"));
  }

  @Test
  void keepsAnyTextOfItsOwnerAsText() throws Exception {
    Release release = PerlRelease.make(store, "v1");
    agents.install(release, agents.facts(), INSTALL_TIME_MAX);
    Place place = agents.prepare(UUID.randomUUID(), UUID.randomUUID());
    String evil =
        "a\nExecStart=/bin/false\n'\"$(touch /root/evil)`touch /root/evil`%n\u0000🦀"
            + "x".repeat(100_000);
    agents.configure(
        place, new Config(release.id(), Map.of("AGENT_NAME", evil), Map.of("web", evil)));
    agents.start(place);
    awaitHealth(agents, place);
    String config = host.read("/etc/liberclaw/agents/" + place.agentId() + "/config.json");
    assertEquals(evil, Json.parse(config).path("AGENT_NAME").asText());
    String data = "/var/lib/liberclaw/agents/" + place.agentId();
    assertEquals(evil, host.read(data + "/workspace/skills/web/SKILL.md"));
    assertFalse(host.exists("/root/evil"));
    agents.destroy(place.agentId(), place.instanceId());
  }
}
