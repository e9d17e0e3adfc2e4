package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephHttp;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Kept;
import ai.liberclaw.deploy.aleph.ComputeNodes;
import ai.liberclaw.deploy.aleph.ComputeNodes.Execution;
import ai.liberclaw.deploy.aleph.ComputeNodes.Notified;
import ai.liberclaw.deploy.aleph.NodeStore;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Brings an ordered machine up, on another node when its own does not do it: the first order is
 * forgotten before the next is paid. A machine that was logged in to once is never exchanged.
 */
final class Allocation {
  private static final Logger LOG = System.getLogger(Allocation.class.getName());

  /** Times a node may say that it has no room, or nothing, before another is asked. */
  private static final int REFUSALS_MAX = 2;

  private static final int UNCLEAR_MAX = 3;

  /** Looks at a node's list between two reminders. */
  private static final int LOOKS_PER_REMINDER = 10;

  private final PlatformDatabase database;
  private final AlephHttp http;
  private final ComputeNodes nodes;
  private final AlephTimes times;
  private final Ordering ordering;
  private final Removal removal;
  private final CreditGuard guard;
  private final AddressPolicy addresses = new AddressPolicy(List.of());

  /** Where a machine is, or why its node does not have it. */
  private sealed interface Outcome {
    record Up(String host, int sshPort) implements Outcome {}

    record Failed(String code) implements Outcome {}
  }

  Allocation(AlephParts parts, Ordering ordering, Removal removal, CreditGuard guard) {
    this.database = parts.database();
    this.http = parts.http();
    this.nodes = parts.nodes();
    this.times = parts.times();
    this.ordering = ordering;
    this.removal = removal;
    this.guard = guard;
  }

  /** Returns once the machine is up and its address recorded. */
  void bringUp(Order order) throws InterruptedException {
    while (true) {
      Kept kept = ordering.order(order);
      MachineHandle handle = MachineHandle.of(order.instanceId(), order.handle());
      switch (tryNode(order, kept)) {
        case Outcome.Up(String host, int sshPort) -> {
          order.record(handle.at(host, sshPort).json());
          if (!handle.reached()) {
            NodeStore.count(database.dsl(), kept.nodeUrl(), true);
          }
          return;
        }
        case Outcome.Failed(String code) -> {
          if (handle.reached()) {
            if (handle.host().isPresent()) {
              // The node's list is silent; whoever logs in next sees whether the machine is there.
              LOG.log(Level.WARNING, "aleph.not_listed hash=" + kept.hash() + " code=" + code);
              return;
            }
            throw new ProviderException(
                "machine_unreachable", "The machine's node does not show it.", true, null);
          }
          ordering.blame(kept.nodeUrl(), code);
          order.record(handle.without().json());
          withdraw(kept);
        }
      }
    }
  }

  /** What cannot be confirmed now is found again by the inventory, which the instance disowns. */
  private void withdraw(Kept kept) throws InterruptedException {
    try {
      removal.remove(kept);
    } catch (ProviderException e) {
      LOG.log(Level.WARNING, "aleph.not_withdrawn hash=" + kept.hash() + " code=" + e.code(), e);
    }
  }

  private Outcome tryNode(Order order, Kept kept) throws InterruptedException {
    long start = System.nanoTime();
    Optional<Outcome> known = look(kept);
    if (known.isPresent()) {
      return known.get();
    }
    int refusals = 0;
    int unclear = 0;
    for (int attempt = 1; ; attempt++) {
      order.check();
      Notified said = announce(kept);
      switch (said) {
        case STARTED -> {
          return await(order, kept, start);
        }
        case REFUSED -> {
          return new Outcome.Failed("refused");
        }
        case NO_CREDITS -> {
          guard.refused();
          throw Failures.credits();
        }
        case NOT_SEEN -> {
          if (since(start) > times.unseen().toNanos()) {
            return new Outcome.Failed("not_seen");
          }
        }
        case NO_CAPACITY -> {
          if (++refusals == REFUSALS_MAX) {
            return new Outcome.Failed("full");
          }
        }
        case UNCLEAR -> {
          if (listed(kept)) {
            return await(order, kept, start);
          }
          if (++unclear == UNCLEAR_MAX) {
            return new Outcome.Failed("unclear");
          }
        }
      }
      TimeUnit.NANOSECONDS.sleep(times.poll().delay(attempt).toNanos());
    }
  }

  private Notified announce(Kept kept) throws InterruptedException {
    try {
      return nodes.announce(kept.nodeUrl(), kept.hash());
    } catch (AlephException e) {
      LOG.log(Level.INFO, "aleph.announce_failed node=" + kept.nodeUrl() + " kind=" + e.kind());
      return Notified.UNCLEAR;
    }
  }

  /** The node has taken the machine on: it may fetch an image first. */
  private Outcome await(Order order, Kept kept, long start) throws InterruptedException {
    for (int look = 1; ; look++) {
      Optional<Outcome> found = look(kept);
      if (found.isPresent()) {
        return found.get();
      }
      if (since(start) > times.started().toNanos()) {
        return new Outcome.Failed("not_started");
      }
      TimeUnit.NANOSECONDS.sleep(times.poll().delay(look).toNanos());
      if (look % LOOKS_PER_REMINDER == 0) {
        order.check();
        announce(kept);
      }
    }
  }

  private Optional<Outcome> look(Kept kept) throws InterruptedException {
    Optional<Execution> execution;
    try {
      execution = nodes.execution(kept.nodeUrl(), kept.hash());
    } catch (AlephException e) {
      return Optional.empty();
    }
    if (execution.isEmpty() || !execution.get().reachable()) {
      return Optional.empty();
    }
    String host = execution.get().host().orElseThrow();
    int port = execution.get().sshPort().orElseThrow();
    return Optional.of(
        allowed(host, port) ? new Outcome.Up(host, port) : new Outcome.Failed("bad_address"));
  }

  private boolean listed(Kept kept) throws InterruptedException {
    try {
      return nodes.execution(kept.nodeUrl(), kept.hash()).isPresent();
    } catch (AlephException e) {
      return false;
    }
  }

  /** A node must not send us to machines of our own network. */
  private boolean allowed(String host, int port) {
    try {
      return http.named(host, port) || !addresses.blocked(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static long since(long start) {
    return System.nanoTime() - start;
  }
}
