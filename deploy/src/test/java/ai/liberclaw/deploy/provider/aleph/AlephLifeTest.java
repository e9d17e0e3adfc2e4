package ai.liberclaw.deploy.provider.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.provider.Endpoint;
import ai.liberclaw.deploy.provider.Health;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.provider.aleph.AlephLab.TestOrder;
import ai.liberclaw.deploy.release.Release;
import ai.liberclaw.testkit.aleph.AlephNetwork;
import ai.liberclaw.testkit.aleph.Machines;
import ai.liberclaw.testkit.aleph.Vm;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.HostProcess;
import ai.liberclaw.testkit.host.OnHosts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The life of an agent on a machine of the network that is a real Debian. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class AlephLifeTest {
  private static final Duration START = Duration.ofSeconds(30);
  private static final int SSH_PORT = 22;

  @TempDir Path store;
  @TempDir Path workshop;
  private AlephLab lab;

  @BeforeEach
  void open(Platform platform) {
    lab =
        new AlephLab(
            platform.database(),
            store,
            AlephNetwork.start(Machines.debian(), 2),
            AlephLab.REAL,
            Map.of());
  }

  @AfterEach
  void close() {
    List<String> violations = lab.network.violations();
    lab.close();
    assertEquals(List.of(), violations);
  }

  @Test
  void fromTheOrderToTheEnd() throws Exception {
    Release v1 = lab.release(workshop, "v1");
    TestOrder order = lab.order();
    lab.provider.provision(order);
    lab.provider.allocate(order);
    lab.provider.reach(order);
    lab.provider.prepare(order);
    lab.provider.configure(order);
    lab.provider.start(order);
    Health first = healthy(order);
    assertEquals(Optional.of(v1.id()), first.release());
    // Without a public name the agent is reached through its machine's login.
    assertInstanceOf(Endpoint.Tunnel.class, lab.provider.endpoint(order.handle()).orElseThrow());
    assertTrue(lab.provider.started(order.handle()));
    String hash = order.machine().hash().orElseThrow();
    DebianHost host = vm(hash).machine().host().orElseThrow();
    assertTrue(
        MachineStore.sshKey(lab.database.dsl(), order.instanceId())
            .orElseThrow()
            .startsWith("v2:"));
    String secret = "sk-aleph-life";
    assertFalse(lab.network.everythingPublic().contains(secret));
    for (HostProcess process : host.processes()) {
      assertFalse(process.toString().contains("Prompt"), "nothing of a user in a process list");
    }

    // Weakness 33: all of that went over one connection.
    assertEquals(1, vm(hash).forward(22).connections());

    Release v2 = lab.release(workshop, "v2");
    lab.provider.allocate(order);
    lab.provider.configure(order);
    lab.provider.start(order);
    Health second = healthy(order);
    assertEquals(Optional.of(v2.id()), second.release());
    assertNotEquals(first.bootId(), second.bootId());
    lab.provider.settle(order);

    lab.release(workshop, "v3-broken");
    lab.provider.configure(order);
    lab.provider.start(order);
    assertTrue(lab.provider.revert(order));
    assertEquals(Optional.of(v2.id()), healthy(order).release());

    anotherImageThanWasOrderedIsRefused(order);
    anotherMachineInItsPlaceIsRefused(order, host);

    vm(hash).misdirect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9));
    lab.provider.destroy(order);
    assertEquals(List.of(), lab.network.billed());
    assertEquals(List.of(), lab.network.machines());
  }

  /** Weakness 30. */
  private void anotherImageThanWasOrderedIsRefused(TestOrder order) {
    AlephProvider other = lab.provider(Map.of("LIBERCLAW_ALEPH_IMAGE", "ubuntu24"));
    ProviderException e = assertThrows(ProviderException.class, () -> other.reach(order));
    assertEquals("wrong_image", e.code());
    assertFalse(e.retryable());
  }

  /** Weakness 15: a node's port may lead to itself, or to anything else. */
  private void anotherMachineInItsPlaceIsRefused(TestOrder order, DebianHost host)
      throws InterruptedException {
    host.changeHostKeys();
    // It got another address with its restart.
    vm(order.machine().hash().orElseThrow())
        .misdirect(new InetSocketAddress(host.address(), SSH_PORT));
    try (SshConnections fresh = new SshConnections(SshConnections.Settings.usual())) {
      AlephProvider other = lab.provider(Map.of(), fresh);
      String pinned = MachineStore.hostKey(lab.database.dsl(), order.instanceId()).orElseThrow();
      // It waits until the machine answers again.
      ProviderException e = assertThrows(ProviderException.class, () -> other.reach(order));
      assertEquals("host_key_changed", e.code());
      assertFalse(e.retryable());
      assertEquals(
          "host_key_changed",
          assertThrows(ProviderException.class, () -> other.configure(order)).code());
      assertEquals(
          Optional.of(pinned), MachineStore.hostKey(lab.database.dsl(), order.instanceId()));
    }
  }

  private Vm vm(String hash) {
    return lab.network.nodes().stream()
        .flatMap(node -> node.vm(hash).stream())
        .findFirst()
        .orElseThrow();
  }

  private Health healthy(TestOrder order) throws InterruptedException {
    Await.until("the agent answers", START, () -> lab.provider.health(order.handle()).answers());
    return lab.provider.health(order.handle());
  }
}
