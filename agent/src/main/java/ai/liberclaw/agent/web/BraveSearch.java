package ai.liberclaw.agent.web;

import ai.liberclaw.core.http.GuardedClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Brave Search API (https://api-dashboard.search.brave.com/documentation). */
public final class BraveSearch implements SearchService {
  private final GuardedClient client;
  private final String baseUrl;
  private final String key;

  public BraveSearch(GuardedClient client, String baseUrl, String key) {
    this.client = client;
    this.baseUrl = baseUrl;
    this.key = key;
  }

  @Override
  public String name() {
    return "Brave Search";
  }

  @Override
  public SearchAnswer search(String query, int count) throws SearchException, InterruptedException {
    String url =
        baseUrl
            + "/res/v1/web/search?q="
            + URLEncoder.encode(query, StandardCharsets.UTF_8)
            + "&count="
            + count;
    Map<String, String> headers = Map.of("Accept", "application/json", "X-Subscription-Token", key);
    JsonNode answer = SearchRequest.json(() -> client.get(url, headers, SearchRequest.LIMITS));
    List<SearchResult> results = new ArrayList<>();
    for (JsonNode result : answer.path("web").path("results")) {
      results.add(
          new SearchResult(
              SearchRequest.plain(result.path("title")),
              result.path("url").asText(""),
              SearchRequest.plain(result.path("description"))));
    }
    return new SearchAnswer(results.subList(0, Math.min(count, results.size())), List.of());
  }
}
