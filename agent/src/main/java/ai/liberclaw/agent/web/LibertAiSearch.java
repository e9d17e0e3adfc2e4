package ai.liberclaw.agent.web;

import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** LibertAI's search service, which asks several engines for each search. */
public final class LibertAiSearch implements SearchService {
  private static final List<String> ENGINES = List.of("google", "bing", "duckduckgo");

  private static final int NAMES_MAX = 10;
  private static final int NAME_CHARS_MAX = 40;

  private final GuardedClient client;
  private final String baseUrl;
  private final String key;

  /**
   * @param key the one for inference; empty for a server that asks for none
   */
  public LibertAiSearch(GuardedClient client, String baseUrl, String key) {
    this.client = client;
    this.baseUrl = baseUrl;
    this.key = key;
  }

  @Override
  public String name() {
    return "LibertAI search";
  }

  @Override
  public SearchAnswer search(String query, int count) throws SearchException, InterruptedException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/json");
    if (!key.isEmpty()) {
      headers.put("Authorization", "Bearer " + key);
    }
    ObjectNode body = Json.object().put("query", query);
    ArrayNode engines = body.putArray("engines");
    ENGINES.forEach(engines::add);
    byte[] bytes = Json.write(body.put("max_results", count)).getBytes(StandardCharsets.UTF_8);
    JsonNode answer =
        SearchRequest.json(
            () -> client.post(baseUrl + "/search", headers, bytes, SearchRequest.LIMITS));
    List<SearchResult> results = new ArrayList<>();
    for (JsonNode result : answer.path("results")) {
      results.add(
          new SearchResult(
              SearchRequest.plain(result.path("title")),
              result.path("url").asText(""),
              SearchRequest.plain(result.path("snippet"))));
    }
    List<String> failed = names(answer.path("meta").path("engines_failed"));
    if (results.isEmpty()
        && !failed.isEmpty()
        && (failed.size() >= ENGINES.size()
            || names(answer.path("meta").path("engines_used")).isEmpty())) {
      throw new SearchException(
          "all search engines failed ("
              + String.join(", ", failed)
              + "). If you know a likely address, open it directly with web_fetch");
    }
    return new SearchAnswer(results.subList(0, Math.min(count, results.size())), failed);
  }

  /** Of a list of names, or of an object that has a reason for each. */
  private static List<String> names(JsonNode engines) {
    List<String> names = new ArrayList<>();
    if (engines.isObject()) {
      engines.fieldNames().forEachRemaining(names::add);
    } else {
      engines.forEach(engine ->
          names.add(engine.isObject() ? engine.path("engine").asText("?") : engine.asText("?")));
    }
    return names.stream().limit(NAMES_MAX).map(LibertAiSearch::shortName).toList();
  }

  private static String shortName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9 ._-]+", " ").strip();
    return plain.substring(0, Math.min(NAME_CHARS_MAX, plain.length()));
  }
}
