package ai.liberclaw.testkit.aleph;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A request as it came.
 *
 * @param party who got it, such as {@code ccn} or {@code crn-1}
 * @param path without its query
 * @param headers names in lower case
 */
public record Request(
    String party,
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    String body) {
  public Request {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  static Request of(
      String party, String method, String target, Map<String, String> headers, String body) {
    int mark = target.indexOf('?');
    Map<String, String> query = new LinkedHashMap<>();
    if (mark >= 0) {
      for (String pair : target.substring(mark + 1).split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.put(decoded(parts[0]), parts.length == 1 ? "" : decoded(parts[1]));
      }
    }
    String path = mark < 0 ? target : target.substring(0, mark);
    return new Request(party, method, path, query, headers, body);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** The body, or a missing node when it is no JSON. */
  JsonNode json() {
    try {
      return body.isEmpty() ? MissingNode.getInstance() : Json.parse(body);
    } catch (JsonException _) {
      return MissingNode.getInstance();
    }
  }

  /** The values of a comma list in the query; empty when it is not there. */
  List<String> list(String name) {
    return Stream.of(query.getOrDefault(name, "").split(",", -1))
        .filter(value -> !value.isEmpty())
        .toList();
  }

  /** Such as {@code POST /api/v0/messages}. */
  public String line() {
    return method + " " + path;
  }
}
