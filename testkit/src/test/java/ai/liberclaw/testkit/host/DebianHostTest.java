package ai.liberclaw.testkit.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@OnHosts
class DebianHostTest {
  @Test
  void rootLogsInAndUnitsUsersAndTheJournalAreReal() {
    try (DebianHost host = DebianHost.start()) {
      assertEquals("running", ssh(host, "root", "systemctl is-system-running").out().strip());
      host.write(
          "/etc/systemd/system/probe.service",
          """
          [Service]
          User=daemon
          ProtectSystem=strict
          PrivateTmp=yes
          ExecStart=/bin/sh -c 'touch /etc/probe || echo read-only; exec sleep 1000'
          Environment=PROBE=known
          [Install]
          WantedBy=multi-user.target
          """);
      host.check("systemctl", "daemon-reload");
      host.check("systemctl", "enable", "--now", "probe");
      assertTrue(host.journal("probe").contains("read-only"));
      assertFalse(host.exists("/etc/probe"));
      assertEquals("root:root 644", host.access("/etc/systemd/system/probe.service"));
      HostProcess sleeper =
          host.processes().stream()
              .filter(process -> process.arguments().equals(List.of("sleep", "1000")))
              .findFirst()
              .orElseThrow();
      assertEquals("daemon", sleeper.user());
      assertTrue(sleeper.environment().contains("PROBE=known"));

      int port = host.sshPort();
      String identity = host.fingerprint();
      host.write("/tmp/gone", "");
      host.reboot();
      assertEquals(port, host.sshPort());
      assertEquals(identity, host.fingerprint());
      assertFalse(host.exists("/tmp/gone"));
      assertEquals("active", host.check("systemctl", "is-active", "probe"));

      host.powerOff();
      assertFalse(host.isOn());
      host.startAgain();
      host.changeHostKeys();
      assertNotEquals(identity, host.fingerprint());
    }
  }

  @Test
  void withoutSystemdThereIsSshAndAnInitThatReaps() {
    try (DebianHost host =
        DebianHost.plan().withoutSystemd().without("zstd").publish(8080).start()) {
      assertEquals("bash", ssh(host, "root", "cat /proc/1/comm").out().strip());
      assertFalse(ssh(host, "root", "systemctl is-system-running").succeeded());
      assertFalse(ssh(host, "root", "command -v zstd").succeeded());
      assertTrue(host.port(8080) > 0);
      host.addUser("ada", true);
      host.addUser("bob", false);
      assertEquals("root", ssh(host, "ada", "sudo -n id -un").out().strip());
      assertFalse(ssh(host, "bob", "sudo -n id -un").succeeded());
      // A frozen host accepts no more than the kernel does for it.
      host.freeze();
      assertFalse(ssh(host, "root", "true").succeeded());
      host.thaw();
      host.reboot();
      assertTrue(ssh(host, "root", "true").succeeded());
    }
  }

  @Test
  void eachHostHasItsOwnIdentityAndNothingIsLeft() {
    String first;
    String firstName;
    try (DebianHost host = DebianHost.start();
        Engine engine = Engine.start()) {
      first = host.hostKey() + host.read("/etc/machine-id");
      firstName = host.name();
      assertTrue(engine.podman("ps", "--format", "{{.Names}}").contains(firstName));
    }
    try (DebianHost host = DebianHost.start();
        Engine engine = Engine.start()) {
      assertNotEquals(first, host.hostKey() + host.read("/etc/machine-id"));
      assertFalse(engine.podman("ps", "-a", "--format", "{{.Names}}").contains(firstName));
    }
  }

  /** By the real client, to be sure that what it asks for is there. */
  private static Output ssh(DebianHost host, String user, String command) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "ssh",
                "-i",
                host.key().toString(),
                "-p",
                Integer.toString(host.sshPort()),
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=5",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                user + "@127.0.0.1",
                command));
    return Podman.execute(new ProcessBuilder(arguments), new byte[0], Duration.ofSeconds(30));
  }
}
