package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;

/**
 * {@code web_search}, answered by the Brave Search API
 * (https://api-dashboard.search.brave.com/documentation).
 */
public final class WebSearchTool implements Tool {
  public static final String BRAVE = "https://api.search.brave.com";
  private static final int COUNT_DEFAULT = 5;
  private static final int COUNT_MAX = 10;
  private static final GuardedClient.Limits LIMITS =
      new GuardedClient.Limits(Duration.ofSeconds(15), 4 << 20, 0);

  private final GuardedClient client;
  private final String baseUrl;
  private final String key;

  /**
   * @param baseUrl {@link #BRAVE}, or another server that speaks its API
   */
  public WebSearchTool(GuardedClient client, String baseUrl, String key) {
    this.client = client;
    this.baseUrl = baseUrl;
    this.key = key;
  }

  @Override
  public ToolDefinition definition() {
    return ToolSchema.of(
            "web_search",
            "Search the web. Gives title, URL and a snippet of each result; read a page with"
                + " web_fetch.")
        .required("query", "string", "What to search for")
        .integer("count", 1, COUNT_MAX, COUNT_DEFAULT, "How many results")
        .definition();
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolContext context)
      throws IOException, InterruptedException {
    if (key.isEmpty()) {
      return ToolResult.error("BRAVE_API_KEY not configured");
    }
    int count = arguments.path("count").asInt(COUNT_DEFAULT);
    String url =
        baseUrl
            + "/res/v1/web/search?q="
            + URLEncoder.encode(arguments.path("query").asText(), StandardCharsets.UTF_8)
            + "&count="
            + count;
    Map<String, String> headers = Map.of("Accept", "application/json", "X-Subscription-Token", key);
    try (GuardedResponse response = client.get(url, headers, LIMITS)) {
      if (response.status() >= 400) {
        return ToolResult.error("HTTP " + response.status());
      }
      return ToolResult.text(shown(Json.parse(response.bytes()), count));
    } catch (FetchException e) {
      return ToolResult.error(String.valueOf(e.getMessage()));
    } catch (JsonException _) {
      return ToolResult.error("the search service sent no JSON");
    }
  }

  private static String shown(JsonNode answer, int count) {
    List<String> results = new ArrayList<>();
    for (JsonNode result : answer.path("web").path("results")) {
      if (results.size() < count) {
        results.add(
            "**"
                + plain(result.path("title"))
                + "**\n"
                + result.path("url").asText("")
                + "\n"
                + plain(result.path("description")));
      }
    }
    return results.isEmpty()
        ? "(no results found)"
        : Untrusted.wrap("a web search", String.join("\n\n", results));
  }

  /** Titles and snippets carry a little HTML. */
  private static String plain(JsonNode text) {
    return Jsoup.parseBodyFragment(text.asText("")).text();
  }
}
