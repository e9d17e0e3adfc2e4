package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephMessage;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Kept;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Status;
import ai.liberclaw.deploy.aleph.AlephNetwork;
import ai.liberclaw.deploy.aleph.AlephWallet;
import ai.liberclaw.deploy.aleph.ComputeNode;
import ai.liberclaw.deploy.aleph.ComputeNodes;
import ai.liberclaw.deploy.aleph.InstanceContent;
import ai.liberclaw.deploy.aleph.MessageStatus;
import ai.liberclaw.deploy.aleph.NodeChoice;
import ai.liberclaw.deploy.aleph.NodeStore;
import ai.liberclaw.deploy.aleph.Rejection;
import ai.liberclaw.deploy.provider.Order;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Orders machines: node, price, message. The message is kept before it is sent, and what is kept is
 * sent again after a crash, byte for byte, which the network takes for the same one.
 */
final class Ordering {
  /** Nodes that one instance may be ordered from within {@link #TRIES_PERIOD}. */
  static final int TRIES_MAX = 5;

  private static final Logger LOG = System.getLogger(Ordering.class.getName());
  private static final Duration TRIES_PERIOD = Duration.ofHours(1);

  /** Nodes asked whether they are there before one is paid. */
  private static final int PROBES_MAX = 10;

  private static final int NAME_DIGITS = 8;

  private final AlephConfig config;
  private final AlephWallet wallet;
  private final PlatformDatabase database;
  private final AlephNetwork network;
  private final ComputeNodes nodes;
  private final NodeChoice choice;
  private final CreditGuard guard;
  private final MachineKeys keys;
  private final UUID installation;
  private final AlephTimes times;
  private final Clock clock;

  Ordering(AlephParts parts, CreditGuard guard, MachineKeys keys) {
    this.config = parts.config();
    this.wallet = parts.wallet();
    this.database = parts.database();
    this.network = parts.network();
    this.nodes = parts.nodes();
    this.choice = parts.choice();
    this.installation = parts.installation();
    this.times = parts.times();
    this.clock = parts.clock();
    this.guard = guard;
    this.keys = keys;
  }

  /**
   * Makes sure that the instance has a machine on order which the network has taken.
   *
   * @return its message
   */
  Kept order(Order order) throws InterruptedException {
    order.check();
    MachineHandle handle = MachineHandle.of(order.instanceId(), order.handle());
    Kept kept = null;
    for (Kept one : AlephMessageStore.ofInstance(database.dsl(), order.instanceId())) {
      if (handle.hash().filter(one.hash()::equals).isPresent()) {
        kept = one;
      } else {
        // Kept, but never sent: this server, or the job, ended in between.
        AlephMessageStore.giveUp(database.dsl(), one.hash());
      }
    }
    boolean standing = kept != null && (kept.live() || kept.status() == Status.SIGNED);
    if (handle.reached() && !standing) {
      throw Failures.gone();
    }
    if (config.readOnly() && !(standing && kept != null && kept.status() == Status.PROCESSED)) {
      throw Failures.readOnly();
    }
    Kept message = standing && kept != null ? kept : sign(order, handle);
    // Also when whoever signed it died before this.
    MachineStore.ordered(database.dsl(), order.instanceId(), message.hash());
    if (message.status() != Status.PROCESSED) {
      send(order, handle, message);
    }
    return message;
  }

  /** A node did not do what it was paid for: it is left alone for a while. */
  void blame(String nodeUrl, String code) {
    LOG.log(Level.WARNING, "aleph.node_failed node=" + nodeUrl + " code=" + code);
    Duration time = code.equals("full") ? times.avoidFull() : times.avoid();
    NodeStore.avoid(database.dsl(), nodeUrl, code, time);
    NodeStore.count(database.dsl(), nodeUrl, false);
  }

  private Kept sign(Order order, MachineHandle handle) throws InterruptedException {
    List<Kept> tried = triedLately(order.instanceId());
    if (tried.size() >= TRIES_MAX) {
      throw Failures.nodesExhausted(tried.size());
    }
    String key = keys.authorizedKey(order.instanceId());
    Set<String> avoid = new HashSet<>(NodeStore.avoided(database.dsl()));
    tried.forEach(kept -> avoid.add(kept.nodeUrl()));
    List<ComputeNode> list;
    try {
      list = nodes.list();
    } catch (AlephException e) {
      throw Failures.network(e);
    }
    boolean paid = false;
    for (int probe = 0; probe < PROBES_MAX; probe++) {
      ComputeNode node =
          choice
              .choose(
                  list,
                  config.size(),
                  avoid,
                  NodeStore.records(database.dsl()),
                  AlephMessageStore.perNode(database.dsl()))
              .orElseThrow(Failures::noNode);
      avoid.add(node.url());
      InstanceContent content = content(order.instanceId(), node, key);
      if (!paid) {
        guard.require(content);
        paid = true;
      }
      Optional<String> fault = probe(node, content);
      if (fault.isPresent()) {
        blame(node.url(), fault.get());
        continue;
      }
      AlephMessage message = content.sign(wallet, config.channel());
      AlephMessageStore.insertInstance(
          database.dsl(), message, order.instanceId(), node.hash(), node.url());
      order.record(handle.ordered(message.hash(), node.url()).json());
      LOG.log(
          Level.INFO,
          "aleph.ordered instance=%s hash=%s node=%s"
              .formatted(order.instanceId(), message.hash(), node.url()));
      return AlephMessageStore.find(database.dsl(), message.hash()).orElseThrow();
    }
    throw Failures.noNode();
  }

  /** Asks a node, before anything is paid, whether it is there, itself, and has room. */
  private Optional<String> probe(ComputeNode node, InstanceContent content)
      throws InterruptedException {
    try {
      ComputeNodes.Identity identity = nodes.identity(node.url());
      if (identity.hash().filter(own -> !own.equals(node.hash())).isPresent()) {
        return Optional.of("other_node");
      }
      return nodes.reserve(node.url(), content) == ComputeNodes.Reserved.FULL
          ? Optional.of("full")
          : Optional.empty();
    } catch (AlephException e) {
      return Optional.of("unreachable");
    }
  }

  private void send(Order order, MachineHandle handle, Kept kept) throws InterruptedException {
    order.check();
    if (!AlephMessageStore.sending(database.dsl(), kept.hash())) {
      throw new ProviderException(
          "order_withdrawn", "The machine's order was withdrawn.", true, null);
    }
    long deadline = System.nanoTime() + times.processed().toNanos();
    try {
      MessageStatus status = network.publish(kept.message());
      for (int look = 1; !settled(handle, kept, status); look++) {
        if (System.nanoTime() > deadline) {
          throw new ProviderException(
              "not_processed", "The Aleph network has not taken the machine's order.", true, null);
        }
        TimeUnit.NANOSECONDS.sleep(times.poll().delay(look).toNanos());
        status = network.status(kept.hash());
      }
    } catch (AlephException e) {
      throw Failures.network(e);
    }
  }

  /** Whether the network has decided, and what then. */
  private boolean settled(MachineHandle handle, Kept kept, MessageStatus status) {
    return switch (status.state()) {
      case PROCESSED -> {
        AlephMessageStore.moveTo(database.dsl(), kept.hash(), Status.PROCESSED, Optional.empty());
        yield true;
      }
      case REJECTED -> {
        refused(kept, status.rejection().orElseThrow());
        yield false;
      }
      case FORGOTTEN, REMOVED -> {
        AlephMessageStore.moveTo(database.dsl(), kept.hash(), Status.FORGOTTEN, Optional.empty());
        throw handle.reached()
            ? Failures.gone()
            : new ProviderException(
                "order_withdrawn", "The machine's order was withdrawn.", true, null);
      }
      case REMOVING -> {
        guard.refused();
        throw Failures.credits();
      }
      case UNKNOWN, PENDING -> false;
    };
  }

  /** Returns when the network may yet take it. */
  private void refused(Kept kept, Rejection rejection) {
    if (rejection.cause() == Rejection.Cause.NOT_YET) {
      return;
    }
    AlephMessageStore.moveTo(
        database.dsl(), kept.hash(), Status.REJECTED, Optional.of(rejection.word()));
    LOG.log(Level.ERROR, "aleph.rejected hash=" + kept.hash() + " code=" + rejection.code());
    if (rejection.cause() == Rejection.Cause.CREDITS) {
      guard.refused();
    }
    throw Failures.rejected(rejection);
  }

  private InstanceContent content(UUID instanceId, ComputeNode node, String key) {
    List<String> authorized = new ArrayList<>(List.of(key));
    config.operatorKey().ifPresent(authorized::add);
    return new InstanceContent(
        wallet.address(),
        clock.instant(),
        Map.of(
            "name",
            "liberclaw-" + instanceId.toString().substring(0, NAME_DIGITS),
            "liberclaw",
            installation.toString()),
        authorized,
        Map.of(),
        config.size(),
        config.image().rootfs(),
        node.hash(),
        List.of());
  }

  private List<Kept> triedLately(UUID instanceId) {
    Instant since = clock.instant().minus(TRIES_PERIOD);
    return AlephMessageStore.ofInstance(database.dsl(), instanceId).stream()
        .filter(kept -> kept.createdAt().isAfter(since))
        .filter(kept -> kept.status() != Status.REJECTED)
        .toList();
  }
}
