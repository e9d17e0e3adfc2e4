package ai.liberclaw.deploy.provider.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.host.proxy.HostProxy;
import ai.liberclaw.deploy.host.proxy.ProxyProbe;
import ai.liberclaw.deploy.host.proxy.ProxySettings;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A machine with a public name, and a real Caddy on it that signs for itself. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class AgentNamesTest {
  private static final String BASE = "agents.example";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Lease HELD = _ -> {};

  @TempDir private Path directory;

  @Test
  void anAgentIsReachedByItsNameWhileThatAnswers(Platform platform) throws Exception {
    Optional<HostProxy> proxy =
        HostProxy.of(
            new ProxySettings(
                Optional.of(ProxyProbe.packedCaddy(directory)),
                new ProxySettings.Certificates.Own()));
    try (DebianHost machine = DebianHost.plan().publish(443).start()) {
      int port = machine.port(443);
      AgentNames names = new AgentNames(proxy, name -> ProxyProbe.healthy(port, name));
      try (SshPlane plane = new SshPlane(platform.database(), directory, names)) {
        plane.release("v1");
        assertThrows(
            IllegalArgumentException.class,
            () -> plane.candidate(machine, "vm", "alice", true, Optional.of(BASE)));
        assertThrows(
            IllegalArgumentException.class,
            () -> plane.candidate(machine, "vm", Optional.of("no name; at all")));
        Host host = plane.hosts.add(plane.candidate(machine, "vm", Optional.of(BASE)));
        UUID owner = TestPlane.user(platform.database(), "pro");
        UUID agent = plane.create(owner, "Ada").id();
        String tunnel = "ssh://127.0.0.1:" + machine.sshPort();
        assertEquals(tunnel, url(plane, owner, agent), "until the name answers");
        String name = agent.toString().replace("-", "").substring(0, 12) + "." + BASE;
        String site = "/etc/liberclaw/proxy/agents/" + agent + ".caddy";
        assertTrue(machine.read(site).contains(name));

        becomes(plane, owner, agent, "https://" + name);
        List<Long> arrivals = ProxyProbe.chat(port, name);
        for (int i = 1; i < arrivals.size(); i++) {
          long gap = (arrivals.get(i) - arrivals.get(i - 1)) / 1_000_000;
          assertTrue(gap > 150, "events come together: " + gap + " ms apart");
        }

        machine.check("systemctl", "stop", "liberclaw-proxy");
        plane.keeper.look(HELD);
        assertEquals("https://" + name, url(plane, owner, agent), "not at the first failure");
        becomes(plane, owner, agent, tunnel);
        plane.client.health(plane.address(owner, agent));
        machine.check("systemctl", "start", "liberclaw-proxy");
        becomes(plane, owner, agent, "https://" + name);

        plane.release("v2");
        plane.agents.redeploy(owner, agent);
        plane.awaitRunning(owner, agent);
        assertEquals("https://" + name, url(plane, owner, agent));

        plane.hosts.name(host, Optional.empty());
        plane.agents.redeploy(owner, agent);
        plane.awaitRunning(owner, agent);
        assertEquals(tunnel, url(plane, owner, agent));
        assertFalse(machine.exists(site));

        plane.hosts.name(host, Optional.of(BASE));
        plane.agents.redeploy(owner, agent);
        plane.awaitRunning(owner, agent);
        assertTrue(machine.exists(site));
        plane.delete(owner, agent);
        assertFalse(machine.exists(site));
      }
    }
  }

  private static String url(SshPlane plane, UUID owner, UUID agent) {
    return plane.agents.find(owner, agent).orElseThrow().vmUrl().orElseThrow();
  }

  private static void becomes(SshPlane plane, UUID owner, UUID agent, String url) {
    Await.until(
        "the agent is at " + url,
        SOON,
        () -> {
          plane.keeper.look(HELD);
          return url(plane, owner, agent).equals(url);
        });
  }
}
