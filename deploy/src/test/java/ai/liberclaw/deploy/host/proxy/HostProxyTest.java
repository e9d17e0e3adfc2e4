package ai.liberclaw.deploy.host.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.host.SshLogin;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy on a real Debian machine, with certificates of its own. */
@OnHosts
final class HostProxyTest {
  private static final String ONE = "one.agents.example";
  private static final String TWO = "two.agents.example";
  private static final Duration READY = Duration.ofSeconds(60);

  /** Four events, 400 ms apart, to whoever asks for anything. */
  private static final String AGENT =
      """
      use strict; use IO::Socket::INET; $SIG{CHLD} = 'IGNORE'; my ($port, $name) = @ARGV;
      my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 9, ReuseAddr => 1) or die;
      while (my $k = $s->accept) {
        next if fork; $k->autoflush(1);
        while (defined(my $l = <$k>)) { last if $l eq "\\r\\n"; }
        print $k "HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n";
        for my $i (1..4) { print $k "data: $name $i\\n\\n"; select(undef, undef, undef, 0.4); }
        exit 0;
      }
      """;

  @TempDir private Path folder;

  @Test
  void agentsShareOneProxyWhoseEventsArriveOneByOne() throws Exception {
    ProxyArtifact artifact = ProxyProbe.packedCaddy(folder);
    try (DebianHost host = DebianHost.plan().publish(443).start();
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      host.write("/root/agent.pl", AGENT);
      for (String agent : List.of("8081 one", "8082 two")) {
        host.check("sh", "-c", "setsid perl /root/agent.pl " + agent + " >/dev/null 2>&1 &");
      }
      HostShell shell = connections.shell(login(host));
      HostProxy proxy = proxy(artifact);
      UUID first = UUID.randomUUID();
      UUID second = UUID.randomUUID();
      proxy.serve(shell, first, ONE, 8081);
      proxy.serve(shell, first, ONE, 8081);
      proxy.serve(shell, second, TWO, 8082);

      int port = host.port(443);
      Await.until("the first name answers", READY, () -> ProxyProbe.answers(port, ONE));
      Await.until("the second name answers", READY, () -> ProxyProbe.answers(port, TWO));
      List<Long> arrivals = ProxyProbe.events(port, ONE, "one");
      for (int i = 1; i < ProxyProbe.EVENTS; i++) {
        long gap = (arrivals.get(i) - arrivals.get(i - 1)) / 1_000_000;
        assertTrue(gap > 150, "events come together: " + gap + " ms apart");
      }
      ProxyProbe.events(port, TWO, "two");

      assertEquals(
          "lc-proxy",
          host.processes().stream()
              .filter(p -> p.arguments().getFirst().endsWith("/caddy"))
              .findFirst()
              .orElseThrow()
              .user());
      proxy.remove(shell, first);
      proxy.remove(shell, first);
      assertFalse(host.exists("/etc/liberclaw/proxy/agents/" + first + ".caddy"));
      Await.until("the first name is gone", READY, () -> !ProxyProbe.answers(port, ONE));
      ProxyProbe.events(port, TWO, "two");
    }
  }

  @Test
  void anotherProgramThanThePinnedOneIsNotInstalled() throws Exception {
    Path other = folder.resolve("other.gz");
    ProxyProbe.gzip(Path.of("/bin/true"), other);
    try (DebianHost host = DebianHost.start();
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      HostProxy proxy = proxy(new ProxyArtifact(other, ProxyArtifact.PINNED_SHA256));
      HostShell shell = connections.shell(login(host));
      ProviderException e =
          assertThrows(
              ProviderException.class, () -> proxy.serve(shell, UUID.randomUUID(), ONE, 8081));
      assertEquals("proxy_failed", e.code());
      assertFalse(host.exists("/opt/liberclaw/proxy/" + ProxyArtifact.PINNED_SHA256));
      assertEquals("", host.check("find", "/opt/liberclaw/proxy", "-name", ".new-*").strip());
    }
  }

  private static HostProxy proxy(ProxyArtifact artifact) {
    return HostProxy.of(
            new ProxySettings(Optional.of(artifact), new ProxySettings.Certificates.Own()))
        .orElseThrow();
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
