package ai.liberclaw.deploy.adopt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.HostAgents.Config;
import ai.liberclaw.deploy.host.HostAgents.Place;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.PerlRelease;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.host.SshLogin;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine as the original leaves it, with a Perl script in the place of its Python. */
@OnHosts
final class InPlaceUpgradeTest {
  private static final String SERVER =
      """
      use IO::Socket::INET;
      my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 5, ReuseAddr => 1) or die;
      while (my $k = $s->accept) { print $k "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}"; close $k; }
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

  @TempDir Path store;

  @Test
  void anOriginalIsReplacedWithItsDataOrGivenBack() throws Exception {
    try (DebianHost host = DebianHost.start();
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      HostShell shell = connections.shell(login(host));
      HostAgents agents = new HostAgents(shell, UUID.randomUUID());
      InPlaceUpgrade upgrade = new InPlaceUpgrade(shell, agents, Duration.ofSeconds(4));
      assertTrue(upgrade.look().isEmpty());
      original(host);
      Original found = upgrade.look().orElseThrow();
      assertEquals(8080, found.port());
      assertTrue(found.active() && found.bytes() > 0);

      UUID agent = UUID.randomUUID();
      UUID instance = UUID.randomUUID();
      String data = "/var/lib/liberclaw/agents/" + agent;
      Release broken = PerlRelease.make(store, "v1-broken");
      ProviderException refused =
          assertThrows(
              ProviderException.class,
              () -> upgrade.upgrade(broken, agent, instance, config(broken)));
      assertEquals("no_answer", refused.code());
      assertTrue(upgrade.look().orElseThrow().active(), "the original runs again");
      assertFalse(host.exists(data + "/agent.db"));

      host.write("/opt/baal-agent/workspace/memory/MEMORY.md", "written after the first try");
      Release good = PerlRelease.make(store, "v2");
      Place place = upgrade.upgrade(good, agent, instance, config(good));
      assertTrue(agents.started(place));
      assertFalse(upgrade.look().orElseThrow().active());
      assertEquals("rows of the original\nstarted by v2\n", host.read(data + "/agent.db"));
      assertEquals("written after the first try", host.read(data + "/workspace/memory/MEMORY.md"));
      String user = "lc-" + agent.toString().replace("-", "").substring(0, 12);
      assertEquals(user + ":" + user + " 700", host.access(data + "/workspace"));
      assertEquals(
          "rows of the original\n", host.read("/opt/baal-agent/app/agent.db"), "left as it was");
      assertTrue(
          host.read("/etc/caddy/Caddyfile").contains("reverse_proxy localhost:" + place.port()));
      assertFalse(
          host.processes().stream()
              .anyMatch(p -> String.join(" ", p.arguments()).contains("hash-of-the-secret")));
    }
  }

  private static Config config(Release release) {
    return new Config(
        release.id(),
        Map.of("AGENT_NAME", "Ada", "AGENT_SECRET_HASH", "hash-of-the-secret"),
        Map.of());
  }

  private static void original(DebianHost host) {
    host.check("mkdir", "-p", "/opt/baal-agent/app/baal_agent", "/opt/baal-agent/workspace/memory");
    host.check("mkdir", "-p", "/etc/caddy");
    host.write("/opt/baal-agent/app/baal_agent/main.pl", SERVER);
    host.write(
        "/opt/baal-agent/app/.env",
        """
        AGENT_NAME=Ada
        AGENT_SECRET=secret-of-the-original
        PORT=8080
        DB_PATH=/opt/baal-agent/app/agent.db
        WORKSPACE_PATH=/opt/baal-agent/workspace
        """);
    host.write("/opt/baal-agent/app/agent.db", "rows of the original\n");
    host.write("/opt/baal-agent/workspace/memory/MEMORY.md", "remember");
    host.write("/etc/systemd/system/baal-agent.service", UNIT);
    host.write(
        "/etc/systemd/system/caddy.service",
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n");
    host.write("/etc/caddy/Caddyfile", "a.2n6.me {\n    reverse_proxy localhost:8080\n}\n");
    host.check("systemctl", "daemon-reload");
    host.check("systemctl", "enable", "--now", "baal-agent.service");
  }

  private static SshLogin login(DebianHost host) throws Exception {
    return new SshLogin(
        "127.0.0.1",
        host.sshPort(),
        "root",
        new HostKey(host.hostKey()),
        SshKey.read(Files.readString(host.key())),
        false);
  }
}
