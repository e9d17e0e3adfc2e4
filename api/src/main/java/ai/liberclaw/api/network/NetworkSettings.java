package ai.liberclaw.api.network;

import ai.liberclaw.core.config.EnvReader;
import java.util.List;
import java.util.Optional;

/**
 * Where the map of nodes comes from.
 *
 * @param nodesUrl the public list; empty when there is no map
 * @param locationsUrl the batch look-up of ip-api.com; empty to ask nobody where nodes are
 */
public record NetworkSettings(Optional<String> nodesUrl, Optional<String> locationsUrl) {
  private static final String NODES = "LIBERCLAW_NETWORK_NODES_URL";
  private static final String NODES_DEFAULT = "https://crns-list.aleph.sh/crns.json";
  private static final String GEO = "LIBERCLAW_NETWORK_GEO";
  private static final String GEO_URL = "LIBERCLAW_NETWORK_GEO_URL";
  private static final String GEO_URL_DEFAULT = "http://ip-api.com/batch";
  private static final String OFF = "off";

  /** Variables that hold secrets. */
  public static List<String> secretNames() {
    return List.of(GEO_URL);
  }

  /**
   * Reads the variables.
   *
   * @param devMode asks nobody unless a list is named
   */
  public static NetworkSettings read(EnvReader env, boolean devMode) {
    String nodes =
        env.text(NODES, devMode ? OFF : NODES_DEFAULT, "list of nodes for the map, or off").strip();
    String geo =
        env.choice(GEO, "offline", List.of("offline", "ip-api"), "who says where nodes are");
    String geoUrl =
        env.text(GEO_URL, GEO_URL_DEFAULT, "batch look-up of ip-api, with the key if any").strip();
    boolean off = nodes.equalsIgnoreCase(OFF);
    if (!off && NodeList.host(nodes).isEmpty()) {
      env.problem(NODES, "must be a web address, or off");
    }
    if (NodeList.host(geoUrl).isEmpty()) {
      env.problem(GEO_URL, "must be a web address");
    }
    return new NetworkSettings(
        off ? Optional.empty() : Optional.of(nodes),
        geo.equals("offline") ? Optional.empty() : Optional.of(geoUrl));
  }

  @Override
  public String toString() {
    return "NetworkSettings[hidden]";
  }
}
