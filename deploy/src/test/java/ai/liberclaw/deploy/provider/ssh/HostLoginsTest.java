package ai.liberclaw.deploy.provider.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.TestPlane;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One machine by two logins: a user with sudo, and one without any rights. */
@OnHosts
@ExtendWith(PlatformExtension.class)
final class HostLoginsTest {
  @TempDir private Path directory;

  @Test
  void agentsLiveByLoginsThatAreNotRoot(Platform platform) throws Exception {
    try (DebianHost machine = DebianHost.start();
        SshPlane plane =
            new SshPlane(
                platform.database(), directory, new AgentNames(Optional.empty(), _ -> false))) {
      machine.addUser("ops", true);
      machine.addUser("alice", false);
      ProviderException lacking =
          assertThrows(
              ProviderException.class,
              () ->
                  plane.hosts.add(
                      plane.candidate(machine, "home", "alice", true, Optional.empty())));
      assertEquals("The machine lacks linger.", lacking.text());
      machine.check("loginctl", "enable-linger", "alice");
      lives(plane, machine, "sudo", "ops", false, "/var/lib/liberclaw/agents/");
      lives(
          plane, machine, "home", "alice", true, "/home/alice/.local/share/liberclaw/var/agents/");
    }
  }

  private static void lives(
      SshPlane plane,
      DebianHost machine,
      String name,
      String login,
      boolean rootless,
      String directories)
      throws Exception {
    Host host = plane.hosts.add(plane.candidate(machine, name, login, rootless, Optional.empty()));
    String keys = "/home/" + login + "/.ssh/authorized_keys";
    assertEquals(2, machine.read(keys).lines().count());
    assertEquals(login + ":" + login + " 600", machine.access(keys));
    plane.release("v1-of-" + login);
    UUID owner = TestPlane.user(plane.database, "pro");
    UUID agent = plane.create(owner, "Ada").id();
    plane.client.health(plane.address(owner, agent));
    assertTrue(machine.exists(directories + agent + "/agent.db"));

    plane.release("v2-of-" + login);
    plane.agents.redeploy(owner, agent);
    plane.awaitRunning(owner, agent);
    assertEquals(
        "started by v1-of-" + login + "\nstarted by v2-of-" + login + "\n",
        machine.read(directories + agent + "/agent.db"));
    plane.delete(owner, agent);
    assertFalse(machine.exists(directories + agent));
    assertTrue(plane.hosts.remove(host));
    assertEquals(1, machine.read(keys).lines().count());
    assertEquals(login + ":" + login + " 600", machine.access(keys));
  }
}
