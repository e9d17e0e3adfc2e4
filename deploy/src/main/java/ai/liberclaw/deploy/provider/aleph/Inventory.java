package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.AlephMessageStore;
import ai.liberclaw.deploy.aleph.AlephMessageStore.Kept;
import ai.liberclaw.deploy.aleph.AlephNetwork;
import ai.liberclaw.deploy.aleph.AlephNetwork.Owned;
import ai.liberclaw.deploy.aleph.AlephWallet;
import ai.liberclaw.deploy.aleph.ComputeNode;
import ai.liberclaw.deploy.aleph.ComputeNodes;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.ProviderException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Finds the machines of this installation in the network, whether or not the database knows them,
 * and gives those back that nobody owns. Machines of the same wallet without our id are counted and
 * left alone.
 */
final class Inventory {
  private static final Logger LOG = System.getLogger(Inventory.class.getName());

  /** Charged machines that the list lacks are asked for one by one, so many at a time. */
  private static final int SINGLES_MAX = 50;

  private static final String UNCONFIRMED = "unconfirmed";

  private final PlatformDatabase database;
  private final AlephWallet wallet;
  private final AlephNetwork network;
  private final ComputeNodes nodes;
  private final UUID installation;
  private final Removal removal;

  Inventory(AlephParts parts, Removal removal) {
    this.database = parts.database();
    this.wallet = parts.wallet();
    this.network = parts.network();
    this.nodes = parts.nodes();
    this.installation = parts.installation();
    this.removal = removal;
  }

  List<Found> find() throws InterruptedException {
    List<Owned> all;
    try {
      all = new ArrayList<>(network.instances(wallet.address()));
      addCharged(all);
    } catch (AlephException e) {
      throw Failures.network(e);
    }
    List<Owned> ours = all.stream().filter(this::isOurs).toList();
    if (ours.size() < all.size()) {
      LOG.log(
          Level.INFO,
          "aleph.inventory ours=%d others=%d".formatted(ours.size(), all.size() - ours.size()));
    }
    Map<String, Kept> known =
        AlephMessageStore.known(database.dsl(), ours.stream().map(Owned::hash).toList());
    List<Found> found = new ArrayList<>();
    for (Owned machine : ours) {
      Optional<Kept> kept = Optional.ofNullable(known.get(machine.hash()));
      found.add(
          new Found(
              machine.hash(),
              kept.flatMap(this::owner),
              handle(machine, kept),
              Optional.of(machine.time())));
    }
    for (Kept kept : AlephMessageStore.unconfirmed(database.dsl())) {
      ObjectNode handle =
          Json.object()
              .put("hash", kept.hash())
              .put("node_url", kept.nodeUrl())
              .put(UNCONFIRMED, true);
      found.add(new Found(kept.hash(), Optional.empty(), handle, Optional.of(kept.createdAt())));
    }
    return found;
  }

  void discard(Found found) throws InterruptedException {
    String hash = found.externalId();
    Optional<Kept> kept = AlephMessageStore.find(database.dsl(), hash);
    if (found.handle().path(UNCONFIRMED).asBoolean() && kept.isPresent()) {
      removal.confirmLater(kept.get());
      return;
    }
    if (kept.flatMap(this::owner).isPresent()) {
      throw new ProviderException(
          "owned", "The machine belongs to an instance by now.", false, null);
    }
    try {
      // Asked anew: nothing is destroyed on the word of an old list.
      Optional<Owned> machine = network.instance(hash, wallet.address());
      if (machine.isPresent() && !isOurs(machine.get())) {
        throw new ProviderException("foreign", "The machine is not ours.", false, null);
      }
      if (machine.isEmpty() && kept.isEmpty()) {
        return;
      }
      String url =
          kept.map(Kept::nodeUrl)
              .filter(known -> !known.isEmpty())
              .orElseGet(() -> found.handle().path("node_url").asText(""));
      if (url.isEmpty()) {
        url = nodeUrl(machine.map(Owned::nodeHash).orElse(""));
      }
      removal.remove(
          hash,
          url,
          Optional.empty(),
          kept.map(Kept::updatedAt).or(found::createdAt).orElse(Instant.EPOCH));
    } catch (AlephException e) {
      throw Failures.network(e);
    }
  }

  private void addCharged(List<Owned> all) throws AlephException, InterruptedException {
    Set<String> listed = new HashSet<>();
    all.forEach(machine -> listed.add(machine.hash()));
    List<String> missing =
        network.costs(wallet.address()).hashes().stream()
            .filter(hash -> !listed.contains(hash))
            .limit(SINGLES_MAX)
            .toList();
    for (String hash : missing) {
      network.instance(hash, wallet.address()).ifPresent(all::add);
    }
  }

  private boolean isOurs(Owned machine) {
    return Objects.equals(machine.metadata().get("liberclaw"), installation.toString());
  }

  /** The instance whose machine it is now; a machine that was exchanged for another is nobody's. */
  private Optional<UUID> owner(Kept kept) {
    return kept.instanceId()
        .filter(
            id -> MachineStore.current(database.dsl(), id).filter(kept.hash()::equals).isPresent());
  }

  private static ObjectNode handle(Owned machine, Optional<Kept> kept) {
    ObjectNode handle =
        Json.object().put("hash", machine.hash()).put("node_hash", machine.nodeHash());
    kept.map(Kept::nodeUrl).filter(u -> !u.isEmpty()).ifPresent(url -> handle.put("node_url", url));
    return handle;
  }

  private String nodeUrl(String nodeHash) throws AlephException, InterruptedException {
    return nodes.list().stream()
        .filter(node -> node.hash().equals(nodeHash))
        .map(ComputeNode::url)
        .findFirst()
        .orElse("");
  }
}
