package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.agent.Agent;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshKey;
import ai.liberclaw.deploy.provider.InstallationStore;
import ai.liberclaw.deploy.provider.ssh.Hosts;
import ai.liberclaw.testkit.aleph.AlephNetwork;
import ai.liberclaw.testkit.aleph.Machines;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.Engine;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** No model key gets to where agents live: not the operator's, not their owner's. */
@OnHosts
@ExtendWith(PlatformExtension.class)
class OperatorKeyHostsTest {
  /** Every file that may hold text of ours, every environment, every argument. */
  private static final String EVERYTHING =
      "grep -raohsE '(sk-operator-|eyJ)[A-Za-z0-9._-]+' /etc /var/lib/liberclaw /var/log /home"
          + " /root /tmp /run /opt; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null"
          + " | tr '\\0' '\\n'";

  private static final String WALLET = "01".repeat(32);
  private static final String WALLET_ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1";

  @BeforeEach
  void empty(Platform platform) {
    platform.database().dsl().execute("truncate hosts, releases cascade");
  }

  @Test
  void notToAContainer(Platform platform, @TempDir Path directory) throws Exception {
    try (Engine engine = Engine.start();
        OperatorPlane operator =
            new OperatorPlane(
                platform.database(),
                directory,
                "container",
                Map.of(
                    "CONTAINER_HOST",
                    "unix://" + engine.socket(),
                    "CONTAINER_BASE",
                    engine.debianImage(),
                    // Where the kernel's own limits are low, higher ones are refused.
                    "LIBERCLAW_CONTAINER_ULIMITS",
                    "core=0:0,nofile=1024:10000,nproc=1000:10000"))) {
      try {
        operator.release("v1");
        Agent agent = operator.deployed();
        String name = "name=" + agent.instanceId().orElseThrow() + "-agent";
        List<String> containers = engine.podman("ps", "-q", "--filter", name).lines().toList();
        assertEquals(1, containers.size());
        operator.assertNoKeyIn(
            engine.podman("exec", containers.getFirst(), "sh", "-c", EVERYTHING + "; true")
                + engine.podman("inspect", containers.getFirst())
                + engine.podman("logs", containers.getFirst()),
            operator.token(agent));
        operator.assertNoKeyHere(agent);
        operator.plane.agents().delete(operator.owner, agent.id());
        // Others may use the same Podman.
        TestPlane.await(
            Duration.ofSeconds(60),
            () -> engine.podman("ps", "-aq", "--filter", "id=" + containers.getFirst()).isBlank());
      } finally {
        // Whatever became of it; containers outlive a failed test.
        engine.sweep("liberclaw.installation=" + InstallationStore.id(operator.database.dsl()));
      }
    }
  }

  @Test
  void notToAMachineOfOnesOwn(Platform platform, @TempDir Path directory) throws Exception {
    try (DebianHost machine = DebianHost.start();
        OperatorPlane operator =
            new OperatorPlane(platform.database(), directory, "ssh", Map.of());
        SshConnections connections = new SshConnections(SshConnections.Settings.usual())) {
      operator.release("v1");
      HostKey shown = connections.scan("127.0.0.1", machine.sshPort(), Duration.ofSeconds(10));
      ControlPlane.hosts(operator.config, operator.database, connections)
          .add(
              new Hosts.Candidate(
                  "vm1",
                  "127.0.0.1",
                  machine.sshPort(),
                  "root",
                  shown,
                  SshKey.read(Files.readString(machine.key())),
                  false,
                  3,
                  Optional.empty()));
      Agent agent = operator.deployed();
      operator.assertNoKeyIn(everythingOn(machine), operator.token(agent));
      operator.assertNoKeyHere(agent);
    }
  }

  @Test
  void notToAMachineOfTheNetwork(Platform platform, @TempDir Path directory) throws Exception {
    try (AlephNetwork network = AlephNetwork.start(Machines.debian(), 2)) {
      network.grant(WALLET_ADDRESS, 1_000_000_000);
      try (OperatorPlane operator =
          new OperatorPlane(
              platform.database(),
              directory,
              "aleph",
              Map.of(
                  "ALEPH_PRIVATE_KEY", WALLET,
                  "LIBERCLAW_ALEPH_API_URLS", network.ccn().origin(),
                  "LIBERCLAW_ALEPH_NODES_URL", network.listUrl(),
                  "LIBERCLAW_ALEPH_GATEWAY_URL", network.gateway().server().origin(),
                  "LIBERCLAW_ALEPH_PRIVATE_HOSTS", "127.0.0.1"))) {
        operator.release("v1");
        Agent agent = operator.deployed();
        String hash = network.machines().getFirst();
        DebianHost machine =
            network.nodes().stream()
                .flatMap(node -> node.vm(hash).stream())
                .flatMap(vm -> vm.machine().host().stream())
                .findFirst()
                .orElseThrow();
        operator.assertNoKeyIn(
            everythingOn(machine) + network.everythingPublic(), operator.token(agent));
        operator.assertNoKeyHere(agent);
      }
    }
  }

  private static String everythingOn(DebianHost machine) {
    return machine.check("sh", "-c", EVERYTHING + "; true");
  }
}
