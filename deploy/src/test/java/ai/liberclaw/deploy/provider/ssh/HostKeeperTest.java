package ai.liberclaw.deploy.provider.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.cluster.ClusterTasks.Lease;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.ProviderException;
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

/** Two machines, one without systemd; both are switched off and on. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class HostKeeperTest {
  private static final Lease HELD = _ -> {};
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path directory;

  @Test
  void looksAfterMachinesAndTheirAgents(Platform platform) throws Exception {
    try (DebianHost bare = DebianHost.plan().withoutSystemd().start();
        DebianHost other = DebianHost.start();
        SshPlane plane =
            new SshPlane(
                platform.database(), directory, new AgentNames(Optional.empty(), _ -> false))) {
      plane.release("v1");
      plane.hosts.add(plane.candidate(bare, "bare", Optional.empty()));
      UUID owner = TestPlane.user(platform.database(), "pro");
      UUID agent = plane.create(owner, "One").id();
      Host second = plane.hosts.add(plane.candidate(other, "other", Optional.empty()));
      AgentAddress address = plane.address(owner, agent);
      String boot = plane.client.health(address).capabilities().bootId().orElseThrow();
      plane.keeper.look(HELD);
      assertEquals(boot, plane.client.health(address).capabilities().bootId().orElseThrow());

      // Without systemd nothing but the keeper starts the agent again. One that does not come up is
      // shown as degraded, and as well again when it does.
      String place = "/etc/liberclaw/agents/" + agent;
      bare.reboot();
      bare.check("mv", place + "/loop.sh", "/root/loop.sh");
      for (int i = 0; i < 3; i++) {
        plane.keeper.look(HELD);
      }
      assertEquals("degraded", plane.state(agent));
      bare.check("mv", "/root/loop.sh", place + "/loop.sh");
      plane.keeper.look(HELD);
      Await.until("it answers", SOON, () -> answers(plane, address));
      assertNotEquals(boot, plane.client.health(address).capabilities().bootId().orElseThrow());
      plane.keeper.look(HELD);
      assertEquals("running", plane.state(agent));

      // A machine that is off is told to the operator, and the other is listed all the same.
      bare.stop();
      for (int i = 0; i < 3; i++) {
        plane.keeper.look(HELD);
      }
      assertEquals(Host.UNREACHABLE, plane.hosts.named("bare").orElseThrow().state());
      assertEquals(List.of("host-bare"), plane.alarms.open().stream().map(Alarm::name).toList());
      discardsWhatNobodyOwns(plane, other, second);
      assertTrue(plane.hosts.remove(second));
      assertThrows(
          ProviderException.class, plane.provider::inventory, "what is there is not known");

      bare.startAgain();
      plane.keeper.look(HELD);
      assertEquals(Host.READY, plane.hosts.named("bare").orElseThrow().state());
      assertTrue(plane.alarms.open().isEmpty());
      Await.until("it answers", SOON, () -> answers(plane, address));
      plane.delete(owner, agent);
      assertTrue(plane.provider.inventory().isEmpty());
    }
  }

  /** Of two orphans one is another installation's, which is neither listed nor touched. */
  private static void discardsWhatNobodyOwns(SshPlane plane, DebianHost machine, Host host)
      throws Exception {
    UUID orphan = UUID.randomUUID();
    plane.hosts.on(host).prepare(orphan, UUID.randomUUID());
    UUID foreign = UUID.randomUUID();
    new HostAgents(plane.hosts.shell(host), UUID.randomUUID()).prepare(foreign, UUID.randomUUID());
    List<Found> found = plane.provider.inventory();
    assertEquals(List.of(orphan), found.stream().map(HostKeeperTest::agent).toList());
    plane.provider.discard(found.getFirst());
    plane.provider.discard(found.getFirst());
    assertTrue(plane.provider.inventory().isEmpty());
    assertTrue(machine.exists("/etc/liberclaw/agents/" + foreign));
  }

  private static UUID agent(Found found) {
    return UUID.fromString(found.handle().path("agent").asText());
  }

  private static boolean answers(SshPlane plane, AgentAddress address) {
    try {
      plane.client.health(address);
      return true;
    } catch (AgentException _) {
      return false;
    }
  }
}
