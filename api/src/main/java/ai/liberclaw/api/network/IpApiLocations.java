package ai.liberclaw.api.network;

import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Asks ip-api.com, which learns the public addresses of public nodes and nothing else. */
final class IpApiLocations implements Locations {
  private static final Logger LOG = System.getLogger(IpApiLocations.class.getName());
  private static final GuardedClient.Limits LIMITS =
      new GuardedClient.Limits(Duration.ofSeconds(20), 1024L * 1024, 0);
  private static final String FIELDS = "lat,lon,country,city,query,status";
  private static final int BATCH_MAX = 100;
  private static final int NAME_LENGTH_MAX = 100;

  private final GuardedClient client;
  private final String url;
  private final NodeAddresses addresses;
  private final Duration pause;

  /**
   * @param url of its batch look-up
   * @param pause between batches: it allows 15 a minute
   */
  IpApiLocations(GuardedClient client, String url, NodeAddresses addresses, Duration pause) {
    this.client = client;
    this.url = url;
    this.addresses = addresses;
    this.pause = pause;
  }

  @Override
  public Map<String, Position> find(List<Node> nodes) throws InterruptedException {
    Map<String, InetAddress> byHash = addresses.find(nodes);
    List<String> asked =
        byHash.values().stream().map(InetAddress::getHostAddress).distinct().toList();
    Map<String, Position> byAddress = new HashMap<>();
    try {
      for (int start = 0; start < asked.size(); start += BATCH_MAX) {
        if (start > 0) {
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        }
        ask(asked.subList(start, Math.min(asked.size(), start + BATCH_MAX)), byAddress);
      }
    } catch (IOException | JsonException e) {
      // The address may hold a key, so it is not logged.
      LOG.log(
          Level.WARNING,
          "network.locations_incomplete found=" + byAddress.size() + " reason=" + e.getMessage());
    }
    Map<String, Position> found = new HashMap<>();
    byHash.forEach((hash, address) -> {
      Position position = byAddress.get(address.getHostAddress());
      if (position != null) {
        found.put(hash, position);
      }
    });
    return found;
  }

  private void ask(List<String> batch, Map<String, Position> found)
      throws IOException, InterruptedException {
    ArrayNode body = Json.array();
    batch.forEach(address -> body.addObject().put("query", address).put("fields", FIELDS));
    Map<String, String> headers = Map.of("Content-Type", "application/json");
    byte[] answer;
    try (GuardedResponse response = client.post(url, headers, Json.writeBytes(body), LIMITS)) {
      if (response.status() != 200) {
        throw new IOException("answered " + response.status());
      }
      answer = response.bytes();
    }
    JsonNode entries = Json.parse(answer);
    for (int i = 0; i < entries.size(); i++) {
      JsonNode entry = entries.path(i);
      // In the order of the questions; what it repeats may be written in another form.
      String address = entries.size() == batch.size() ? batch.get(i) : entry.path("query").asText();
      double lat = entry.path("lat").asDouble(Double.NaN);
      double lng = entry.path("lon").asDouble(Double.NaN);
      if (entry.path("status").asText().equals("success") && Position.valid(lat, lng)) {
        found.put(
            address,
            new Position(
                lat,
                lng,
                PublicText.of(entry.path("country").asText(), NAME_LENGTH_MAX),
                PublicText.of(entry.path("city").asText(), NAME_LENGTH_MAX)));
      }
    }
  }
}
