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
import ai.liberclaw.deploy.aleph.ComputeNodes;
import ai.liberclaw.deploy.aleph.InstanceContent;
import ai.liberclaw.deploy.aleph.MessageStatus;
import ai.liberclaw.deploy.aleph.Rejection;
import ai.liberclaw.deploy.provider.ProviderException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Gives machines back: disks erased on the node, the message forgotten by the network, and both
 * confirmed. May be repeated at any point; nothing there is success.
 */
final class Removal {
  private static final Logger LOG = System.getLogger(Removal.class.getName());
  private static final String REASON = "No longer needed";

  private final AlephConfig config;
  private final AlephWallet wallet;
  private final PlatformDatabase database;
  private final AlephNetwork network;
  private final ComputeNodes nodes;
  private final AlephTimes times;
  private final Clock clock;

  /** What a node says of a machine that should be gone. */
  private enum OnNode {
    ABSENT,
    PRESENT,
    SILENT
  }

  Removal(AlephParts parts) {
    this.config = parts.config();
    this.wallet = parts.wallet();
    this.database = parts.database();
    this.network = parts.network();
    this.nodes = parts.nodes();
    this.times = parts.times();
    this.clock = parts.clock();
  }

  /**
   * Removes all machines that were ever ordered for an instance.
   *
   * @throws ProviderException when one is not confirmed to be gone; repeat it
   */
  void removeAll(UUID instanceId) throws InterruptedException {
    List<Kept> all = AlephMessageStore.ofInstance(database.dsl(), instanceId);
    ProviderException failure = null;
    for (Kept kept : all) {
      try {
        remove(kept);
      } catch (ProviderException e) {
        // The others are not kept waiting, nor paid for, because of one.
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Removes one machine. */
  void remove(Kept order) throws InterruptedException {
    if (AlephMessageStore.giveUp(database.dsl(), order.hash())) {
      return;
    }
    // Read after that: it may have gone out since the caller looked.
    Optional<Kept> kept = AlephMessageStore.find(database.dsl(), order.hash()).filter(Kept::live);
    if (kept.isPresent()) {
      remove(order.hash(), order.nodeUrl(), order.instanceId(), kept.get().updatedAt());
    }
  }

  /**
   * Removes a machine that no instance owns.
   *
   * @param sentAt when its order went out last, as far as known
   */
  void remove(String hash, String nodeUrl, Optional<UUID> instanceId, Instant sentAt)
      throws InterruptedException {
    if (config.readOnly()) {
      throw Failures.readOnly();
    }
    erase(hash, nodeUrl);
    try {
      forget(hash, instanceId, sentAt);
    } catch (AlephException e) {
      throw Failures.network(e);
    }
    confirm(hash, nodeUrl);
  }

  /** Confirms that a machine is gone whose node could not be asked before. */
  void confirmLater(Kept kept) throws InterruptedException {
    erase(kept.hash(), kept.nodeUrl());
    boolean given = kept.updatedAt().plus(times.giveUp()).isBefore(clock.instant());
    if (onNode(kept.hash(), kept.nodeUrl()) == OnNode.ABSENT || given) {
      if (given) {
        LOG.log(Level.WARNING, "aleph.never_confirmed hash=" + kept.hash());
      }
      AlephMessageStore.moveTo(database.dsl(), kept.hash(), Status.FORGOTTEN, Optional.empty());
      return;
    }
    throw notConfirmed();
  }

  private void erase(String hash, String nodeUrl) throws InterruptedException {
    if (nodeUrl.isEmpty()) {
      return;
    }
    try {
      nodes.erase(nodeUrl, hash);
    } catch (AlephException e) {
      // The node ends it by itself once the network has forgotten it; what was on it stays there.
      LOG.log(
          Level.WARNING,
          "aleph.not_erased hash=%s node=%s kind=%s".formatted(hash, nodeUrl, e.kind()));
    }
  }

  private void forget(String hash, Optional<UUID> instanceId, Instant sentAt)
      throws AlephException, InterruptedException {
    long deadline = System.nanoTime() + times.forgotten().toNanos();
    boolean sent = false;
    for (int look = 1; ; look++) {
      MessageStatus status = network.status(hash);
      switch (status.state()) {
        case FORGOTTEN, REMOVED -> {
          return;
        }
        case REJECTED -> {
          if (status.rejection().orElseThrow().cause() != Rejection.Cause.NOT_YET) {
            return;
          }
        }
        case UNKNOWN -> {
          if (sentAt.plus(times.lost()).isBefore(clock.instant())) {
            LOG.log(Level.INFO, "aleph.never_arrived hash=" + hash);
            return;
          }
        }
        case PROCESSED, REMOVING -> {
          if (!sent) {
            sendForget(hash, instanceId);
            sent = true;
            continue;
          }
        }
        case PENDING -> {
          // A message can only be forgotten once it is processed.
        }
      }
      if (System.nanoTime() > deadline) {
        throw notConfirmed();
      }
      TimeUnit.NANOSECONDS.sleep(times.poll().delay(look).toNanos());
    }
  }

  private void sendForget(String hash, Optional<UUID> instanceId)
      throws AlephException, InterruptedException {
    Optional<Kept> kept = AlephMessageStore.forgetOf(database.dsl(), hash);
    AlephMessage forget;
    if (kept.isPresent()) {
      forget = kept.get().message();
    } else {
      forget =
          InstanceContent.forget(
              wallet, config.channel(), List.of(hash), Optional.of(REASON), clock.instant());
      AlephMessageStore.insertForget(database.dsl(), forget, instanceId, hash);
    }
    AlephMessageStore.sending(database.dsl(), forget.hash());
    MessageStatus status = network.publish(forget);
    if (status.state() == MessageStatus.State.REJECTED) {
      String word = status.rejection().orElseThrow().word();
      LOG.log(Level.ERROR, "aleph.forget_rejected target=" + hash + " code=" + word);
      if (!word.startsWith("not_yet")) {
        // Another one is signed next time: this one is spent.
        AlephMessageStore.moveTo(database.dsl(), forget.hash(), Status.REJECTED, Optional.of(word));
        throw notConfirmed();
      }
    } else {
      AlephMessageStore.moveTo(database.dsl(), forget.hash(), Status.PROCESSED, Optional.empty());
    }
  }

  /** The network has forgotten it and charges nothing more; the node ends it within minutes. */
  private void confirm(String hash, String nodeUrl) throws InterruptedException {
    long deadline = System.nanoTime() + times.forgotten().toNanos();
    for (int look = 1; ; look++) {
      OnNode found = onNode(hash, nodeUrl);
      if (found == OnNode.ABSENT) {
        AlephMessageStore.moveTo(database.dsl(), hash, Status.FORGOTTEN, Optional.empty());
        LOG.log(Level.INFO, "aleph.removed hash=" + hash);
        return;
      }
      if (found == OnNode.SILENT) {
        // Nobody waits for a node that may never come back: the inventory keeps asking it.
        AlephMessageStore.moveTo(
            database.dsl(), hash, Status.FORGOTTEN, Optional.of(AlephMessageStore.UNCONFIRMED));
        LOG.log(Level.WARNING, "aleph.removed_unconfirmed hash=" + hash + " node=" + nodeUrl);
        return;
      }
      if (System.nanoTime() > deadline) {
        throw notConfirmed();
      }
      TimeUnit.NANOSECONDS.sleep(times.poll().delay(look).toNanos());
    }
  }

  private OnNode onNode(String hash, String nodeUrl) throws InterruptedException {
    if (nodeUrl.isEmpty()) {
      return OnNode.ABSENT;
    }
    try {
      return nodes.execution(nodeUrl, hash).isPresent() ? OnNode.PRESENT : OnNode.ABSENT;
    } catch (AlephException e) {
      return OnNode.SILENT;
    }
  }

  /** How long removing one machine may take. */
  static Duration timeMax(AlephTimes times) {
    return times.forgotten().multipliedBy(2).plusSeconds(60);
  }

  private static ProviderException notConfirmed() {
    return new ProviderException(
        "not_confirmed", "The machine is not confirmed to be gone yet.", true, null);
  }
}
