package ai.liberclaw.api.network;

import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The public list of nodes. Nothing in it is believed before it was checked. */
final class NodeList {
  private static final GuardedClient.Limits LIMITS =
      new GuardedClient.Limits(Duration.ofSeconds(30), 16L * 1024 * 1024, 3);
  private static final int NODES_MAX = 10_000;
  private static final int NAME_LENGTH_MAX = 100;
  private static final int URL_LENGTH_MAX = 255;
  private static final double SCORE_MIN = 0.3;
  private static final Pattern HASH = Pattern.compile("[A-Za-z0-9]{1,100}");

  private final GuardedClient client;
  private final String url;

  NodeList(GuardedClient client, String url) {
    this.client = client;
    this.url = url;
  }

  /**
   * Nodes that take agents.
   *
   * @throws IOException when there is no list, or nothing of use in it
   */
  List<Node> fetch() throws IOException, InterruptedException {
    byte[] body;
    try (GuardedResponse response = client.get(url, Map.of("Accept", "application/json"), LIMITS)) {
      if (response.status() != 200) {
        throw new IOException("the node list answered " + response.status());
      }
      body = response.bytes();
    } catch (FetchException e) {
      throw new IOException("no node list: " + e.getMessage(), e);
    }
    Collection<Node> nodes;
    try {
      nodes = nodes(Json.parse(body));
    } catch (JsonException e) {
      throw new IOException("the node list is no JSON", e);
    }
    if (nodes.isEmpty()) {
      throw new IOException("the node list has no node to show");
    }
    return List.copyOf(nodes);
  }

  private static Collection<Node> nodes(JsonNode json) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    for (JsonNode entry : json.isArray() ? json : json.path("crns")) {
      if (nodes.size() == NODES_MAX) {
        break;
      }
      node(entry).ifPresent(node -> nodes.putIfAbsent(node.hash(), node));
    }
    return nodes.values();
  }

  private static Optional<Node> node(JsonNode entry) {
    JsonNode usage = entry.path("system_usage");
    double score = entry.path("score").asDouble();
    String hash = entry.path("hash").asText();
    String address = entry.path("address").asText().strip();
    boolean shown =
        entry.path("qemu_support").asBoolean()
            && usage.path("active").asBoolean()
            && score >= SCORE_MIN
            && score <= 1e9
            && HASH.matcher(hash).matches()
            && host(address).isPresent();
    if (!shown) {
      return Optional.empty();
    }
    String name = PublicText.of(entry.path("name").asText(), NAME_LENGTH_MAX);
    return Optional.of(
        new Node(
            hash,
            name.isEmpty() ? "Unknown" : name,
            address,
            score,
            position(entry),
            Math.max(0, usage.path("mem").path("available_kB").asLong()),
            Math.max(0, usage.path("cpu").path("count").asInt()),
            true));
  }

  /** A list may say where its nodes are. */
  private static Optional<Position> position(JsonNode entry) {
    JsonNode at = entry.path("location").isObject() ? entry.path("location") : entry;
    JsonNode lng = at.has("lng") ? at.path("lng") : at.path("lon");
    if (!at.path("lat").isNumber() || !lng.isNumber()) {
      return Optional.empty();
    }
    double lat = at.path("lat").doubleValue();
    if (!Position.valid(lat, lng.doubleValue())) {
      return Optional.empty();
    }
    return Optional.of(
        new Position(
            lat,
            lng.doubleValue(),
            PublicText.of(at.path("country").asText(), NAME_LENGTH_MAX),
            PublicText.of(at.path("city").asText(), NAME_LENGTH_MAX)));
  }

  /** The host of a web address, in lower case. */
  static Optional<String> host(String address) {
    if (address.length() > URL_LENGTH_MAX) {
      return Optional.empty();
    }
    try {
      URI uri = URI.create(address);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      return scheme.equals("https") || scheme.equals("http")
          ? Optional.ofNullable(uri.getHost()).map(host -> host.toLowerCase(Locale.ROOT))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
