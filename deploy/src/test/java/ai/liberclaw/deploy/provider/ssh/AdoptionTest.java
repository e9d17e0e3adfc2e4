package ai.liberclaw.deploy.provider.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.AgentAdoption;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Machines as the original leaves them, with a Perl script in the place of its Python. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class AdoptionTest {
  private static final String SECRET = "secret-of-the-original";
  private static final String HOME = "/opt/baal-agent";
  private static final String SERVER =
      """
      use IO::Socket::INET;
      print STDERR "the original listens\\n";
      my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 5, ReuseAddr => 1) or die;
      while (my $k = $s->accept) {
        while (defined(my $l = <$k>)) { last if $l eq "\\r\\n"; }
        my $b = '{"status":"ok","agent_name":"Ada","version":3}';
        print $k "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: " . length($b) . "\\r\\n\\r\\n" . $b; close $k;
      }
      """;
  private static final String UNIT =
      """
      [Service]
      EnvironmentFile=/opt/baal-agent/app/.env
      ExecStart=/usr/bin/perl /opt/baal-agent/app/baal_agent/main.pl
      Restart=always
      [Install]
      WantedBy=multi-user.target
      """;

  @TempDir private Path directory;

  @Test
  void anAgentWithARowIsServedAsItIsAndUpgradedInPlace(Platform platform) throws Exception {
    try (DebianHost machine = DebianHost.start();
        SshPlane plane = plane(platform)) {
      AgentAdoption adoption = plane.adoption();
      Hosts.Candidate candidate = plane.candidate(machine, "old", Optional.empty());
      assertEquals(
          "no_original",
          assertThrows(ProviderException.class, () -> adoption.adopt(candidate, Optional.empty()))
              .code());
      original(machine);
      UUID owner = TestPlane.user(platform.database(), "pro");
      UUID agent = row(plane, owner);
      assertEquals(agent, adoption.adopt(candidate, Optional.empty()));
      assertEquals(Host.CLOSED, plane.hosts.named("old").orElseThrow().state());
      Agent adopted = plane.agents.find(owner, agent).orElseThrow();
      assertEquals("running", adopted.status());
      assertEquals(Optional.of("ssh"), adopted.provider());
      assertEquals(Optional.of(3), plane.client.health(plane.address(owner, agent)).version());
      assertEquals(
          "adopted",
          assertThrows(ProviderException.class, () -> adoption.adopt(candidate, Optional.of(owner)))
              .code());

      // An update that fails gives the original back.
      plane.release("v1-broken");
      assertTrue(adoption.upgrade(agent));
      plane.awaitRunning(owner, agent);
      assertEquals(Optional.of(3), plane.client.health(plane.address(owner, agent)).version());
      assertEquals("active", machine.check("systemctl", "is-active", "baal-agent"));
      String data = "/var/lib/liberclaw/agents/" + agent;
      assertFalse(machine.exists(data + "/agent.db"));

      machine.write(HOME + "/workspace/memory/MEMORY.md", "written after the first try");
      Release good = plane.release("v2");
      plane.agents.redeploy(owner, agent);
      plane.awaitRunning(owner, agent);
      assertEquals(Optional.of(10), plane.client.health(plane.address(owner, agent)).version());
      assertEquals("rows of the original\nstarted by v2\n", machine.read(data + "/agent.db"));
      assertEquals(
          "written after the first try", machine.read(data + "/workspace/memory/MEMORY.md"));
      String user = "lc-" + agent.toString().replace("-", "").substring(0, 12);
      assertEquals(user + ":" + user + " 700", machine.access(data + "/workspace"));
      assertFalse(machine.run("systemctl", "is-enabled", "baal-agent").succeeded());
      assertEquals(
          "rows of the original\n", machine.read(HOME + "/app/agent.db"), "left as it was");
      assertEquals(SECRET, plane.agents.endpoint(owner, agent).orElseThrow().secret());
      int port =
          Integer.parseInt(
              platform
                  .database()
                  .dsl()
                  .fetchSingle("select handle->>'port' from instances")
                  .get(0, String.class));
      assertTrue(machine.read("/etc/caddy/Caddyfile").contains("reverse_proxy localhost:" + port));
      assertTrue(
          machine
              .check("readlink", "/etc/liberclaw/agents/" + agent + "/release")
              .endsWith(good.id()));
      machine
          .processes()
          .forEach(p -> assertFalse((p.arguments() + " " + p.environment()).contains(SECRET)));

      // From here on it is one of ours, whose broken updates are taken back like any other's.
      plane.release("v3-broken");
      plane.agents.redeploy(owner, agent);
      plane.awaitRunning(owner, agent);
      assertTrue(machine.read(data + "/agent.db").endsWith("started by v2\n"));

      plane.delete(owner, agent);
      for (String gone : new String[] {data, HOME, "/etc/systemd/system/baal-agent.service"}) {
        assertFalse(machine.exists(gone), gone);
      }
    }
  }

  @Test
  void anAgentWithoutARowNeedsAnOwner(Platform platform) throws Exception {
    try (DebianHost machine = DebianHost.start();
        SshPlane plane = plane(platform)) {
      original(machine);
      AgentAdoption adoption = plane.adoption();
      Hosts.Candidate candidate = plane.candidate(machine, "old", Optional.empty());
      assertEquals(
          "no_owner",
          assertThrows(ProviderException.class, () -> adoption.adopt(candidate, Optional.empty()))
              .code());
      UUID owner = TestPlane.user(platform.database(), "free");
      UUID agent = adoption.adopt(candidate, Optional.of(owner));
      Agent made = plane.agents.find(owner, agent).orElseThrow();
      assertEquals("Ada", made.name());
      assertEquals("You help.\nAlways.", made.systemPrompt());
      assertEquals("running", made.status());
      assertEquals(Optional.of(3), plane.client.health(plane.address(owner, agent)).version());
      assertTrue(
          plane
              .provider
              .logs(
                  ai.liberclaw.deploy.provider.InstanceStore.holding(
                          platform.database().dsl(), agent)
                      .getFirst(),
                  10)
              .contains("the original listens"));
      assertFalse(
          platform.database().dsl().fetch("select * from instances").toString().contains(SECRET));

      // One that another installation has marked is left alone, also by a wipe.
      Host host = plane.hosts.named("old").orElseThrow();
      var foreign =
          new ai.liberclaw.deploy.adopt.OriginalAgent(plane.hosts.shell(host), UUID.randomUUID());
      assertEquals(
          "foreign_original",
          assertThrows(
                  ProviderException.class, () -> foreign.mark(UUID.randomUUID(), UUID.randomUUID()))
              .code());
      foreign.wipe(made.instanceId().orElseThrow());
      assertTrue(machine.exists(HOME + "/app/.env"));
      assertTrue(new HostAgents(plane.hosts.shell(host), UUID.randomUUID()).inventory().isEmpty());

      plane.delete(owner, agent);
      assertFalse(machine.exists(HOME));
      assertFalse(machine.run("systemctl", "is-active", "baal-agent").succeeded());
    }
  }

  private SshPlane plane(Platform platform) throws Exception {
    return new SshPlane(
        platform.database(), directory, new AgentNames(Optional.empty(), _ -> false));
  }

  private static UUID row(SshPlane plane, UUID owner) {
    UUID id = UUID.randomUUID();
    plane
        .database
        .dsl()
        .execute(
            "insert into agents (id, owner_id, name, system_prompt, model, deployment_status,"
                + " vm_url, auth_token, source, created_at, updated_at) values ({0}, {1}, 'Ada',"
                + " 'Help.', 'glm-4.7', 'running', 'https://a.agents.invalid', {2}, 'web', now(),"
                + " now())",
            DSL.val(id), DSL.val(owner), DSL.val(plane.config.keys().encrypt(SECRET)));
    return id;
  }

  private static void original(DebianHost host) {
    host.check("mkdir", "-p", HOME + "/app/baal_agent", HOME + "/workspace/memory", "/etc/caddy");
    host.write(HOME + "/app/baal_agent/main.pl", SERVER);
    host.write(
        HOME + "/app/.env",
        """
        AGENT_NAME=Ada
        SYSTEM_PROMPT=You help.
        Always.
        MODEL=glm-4.7
        LIBERTAI_API_KEY=sk-of-the-original
        AGENT_SECRET=%s
        PORT=8080
        DB_PATH=/opt/baal-agent/app/agent.db
        WORKSPACE_PATH=/opt/baal-agent/workspace
        """
            .formatted(SECRET));
    host.write(HOME + "/app/agent.db", "rows of the original\n");
    host.write(HOME + "/workspace/memory/MEMORY.md", "remember");
    host.write("/etc/systemd/system/baal-agent.service", UNIT);
    host.write(
        "/etc/systemd/system/caddy.service",
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n");
    host.write("/etc/caddy/Caddyfile", "a.agents.invalid {\n    reverse_proxy localhost:8080\n}\n");
    host.check("systemctl", "daemon-reload");
    host.check("systemctl", "enable", "--now", "baal-agent.service");
  }
}
