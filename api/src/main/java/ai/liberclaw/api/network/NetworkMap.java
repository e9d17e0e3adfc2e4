package ai.liberclaw.api.network;

import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.HostResolver;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jooq.DSLContext;

/**
 * Fetches the list of nodes and where they are, and keeps it. A fetch that fails leaves the last
 * good list as it is.
 */
public final class NetworkMap {
  private static final Logger LOG = System.getLogger(NetworkMap.class.getName());
  private static final Duration PERIOD = Duration.ofHours(1);

  private final DSLContext sql;
  private final NodeList list;
  private final Locations locations;
  private final NetworkStore store = new NetworkStore();

  private NetworkMap(DSLContext sql, NodeList list, Locations locations) {
    this.sql = sql;
    this.list = list;
    this.locations = locations;
  }

  /**
   * How others are reached.
   *
   * @param batchPause between two questions to the source of locations
   */
  public record Reach(HostResolver resolver, Duration batchPause) {
    public static final Reach STANDARD = new Reach(HostResolver.system(), Duration.ofSeconds(4));
  }

  /** The map, unless it is off. */
  public static Optional<NetworkMap> of(NetworkSettings settings, DSLContext sql, Reach reach) {
    return settings
        .nodesUrl()
        .map(url -> {
          // The operator names these two hosts; every other address comes from the list.
          AddressPolicy named =
              new AddressPolicy(
                  Stream.concat(Stream.of(url), settings.locationsUrl().stream())
                      .map(NetworkMap::authority)
                      .toList());
          GuardedClient client = new GuardedClient(named, reach.resolver());
          NodeAddresses addresses =
              new NodeAddresses(reach.resolver(), new AddressPolicy(List.of()));
          Locations locations =
              settings
                  .locationsUrl()
                  .<Locations>map(
                      geo -> new IpApiLocations(client, geo, addresses, reach.batchPause()))
                  .orElseGet(Locations::offline);
          return new NetworkMap(sql, new NodeList(client, url), locations);
        });
  }

  /** From now on it is refreshed by one server for all. */
  public void addTo(ClusterTasks tasks) {
    tasks.every("network-map", PERIOD, this::refresh);
  }

  private void refresh(ClusterTasks.Lease lease) throws IOException, InterruptedException {
    List<Node> listed = list.fetch();
    Map<String, Position> found =
        locations.find(listed.stream().filter(node -> node.position().isEmpty()).toList());
    Map<String, Position> known = store.positions(sql);
    List<Node> nodes = listed.stream().map(node -> located(node, found, known)).toList();
    sql.transaction(tx -> {
      lease.hold(tx.dsl());
      store.replace(tx.dsl(), nodes);
    });
    long shown = nodes.stream().filter(node -> node.position().isPresent()).count();
    LOG.log(Level.INFO, "network.refreshed nodes=" + nodes.size() + " located=" + shown);
  }

  /** What is known now goes before what was known. */
  private static Node located(Node node, Map<String, Position> found, Map<String, Position> known) {
    return node.position()
        .or(() -> Optional.ofNullable(found.get(node.hash())))
        .or(() -> Optional.ofNullable(known.get(node.url())))
        .map(node::at)
        .orElse(node);
  }

  private static String authority(String url) {
    URI uri = URI.create(url);
    return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
  }
}
