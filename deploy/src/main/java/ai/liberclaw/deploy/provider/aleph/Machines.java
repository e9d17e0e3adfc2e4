package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.host.HostAgents;
import ai.liberclaw.deploy.host.HostFacts;
import ai.liberclaw.deploy.host.HostKey;
import ai.liberclaw.deploy.host.HostShell;
import ai.liberclaw.deploy.host.SshConnections;
import ai.liberclaw.deploy.host.SshLogin;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Logs in to machines. The key a machine shows first is the one it must show ever after; the port
 * is always the one the node says leads to it, so that it is never the node itself that is spoken
 * to.
 */
final class Machines {
  private static final Logger LOG = System.getLogger(Machines.class.getName());
  private static final Duration SCAN_TIME_MAX = Duration.ofSeconds(10);
  private static final String USER = "root";

  /** What a machine that is still starting may answer. */
  private static final Set<String> NOT_YET =
      Set.of("host_unreachable", "host_lost", "host_timeout", "login_refused");

  private final PlatformDatabase database;
  private final AlephConfig config;
  private final UUID installation;
  private final MachineKeys keys;
  private final SshConnections connections;
  private final AlephTimes times;

  Machines(AlephParts parts, MachineKeys keys, SshConnections connections) {
    this.database = parts.database();
    this.config = parts.config();
    this.installation = parts.installation();
    this.times = parts.times();
    this.keys = keys;
    this.connections = connections;
  }

  /** Waits until the machine lets us in, pins its key, and looks whether it is what was ordered. */
  void reach(Order order) throws InterruptedException {
    MachineHandle handle = MachineHandle.of(order.instanceId(), order.handle());
    long deadline = System.nanoTime() + times.login().toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        pin(handle);
        HostFacts facts = agents(handle).facts();
        Optional<String> expected = config.image().os();
        if (expected.filter(os -> !os.equals(facts.os())).isPresent()) {
          throw new ProviderException(
              "wrong_image", "The machine runs another system than was ordered.", false, null);
        }
        LOG.log(
            Level.INFO,
            "aleph.reached instance=%s os=%s clock_skew_seconds=%d"
                .formatted(
                    handle.instanceId(), facts.os().replace(' ', '-'), facts.clockSkewSeconds()));
        order.record(handle.loggedIn().json());
        return;
      } catch (ProviderException e) {
        if (!NOT_YET.contains(e.code()) || System.nanoTime() > deadline) {
          throw e;
        }
      }
      TimeUnit.NANOSECONDS.sleep(times.poll().delay(attempt).toNanos());
    }
  }

  /** What is done with agents on a machine. */
  HostAgents agents(MachineHandle handle) {
    return new HostAgents(shell(handle), installation);
  }

  HostShell shell(MachineHandle handle) {
    return connections.shell(login(handle));
  }

  SshLogin login(MachineHandle handle) {
    HostKey pinned =
        MachineStore.hostKey(database.dsl(), handle.instanceId())
            .map(HostKey::new)
            .orElseThrow(Machines::notReached);
    return new SshLogin(
        handle.host().orElseThrow(Machines::notReached),
        handle.sshPort().orElseThrow(Machines::notReached),
        USER,
        pinned,
        keys.key(handle.instanceId()),
        false);
  }

  private void pin(MachineHandle handle) throws InterruptedException {
    if (MachineStore.hostKey(database.dsl(), handle.instanceId()).isEmpty()) {
      HostKey shown =
          connections.scan(
              handle.host().orElseThrow(Machines::notReached),
              handle.sshPort().orElseThrow(Machines::notReached),
              SCAN_TIME_MAX);
      MachineStore.pin(
          database.dsl(),
          handle.instanceId(),
          handle.hash().orElseThrow(Machines::notReached),
          shown.line());
      LOG.log(
          Level.INFO,
          "aleph.pinned instance=%s key=%s".formatted(handle.instanceId(), shown.fingerprint()));
    }
  }

  private static ProviderException notReached() {
    return new ProviderException(
        "machine_not_reached", "Nobody has logged in to the machine yet.", true, null);
  }
}
