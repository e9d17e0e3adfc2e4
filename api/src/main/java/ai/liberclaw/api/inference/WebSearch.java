package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.budget.Ask;
import ai.liberclaw.deploy.budget.Reservation;
import ai.liberclaw.deploy.budget.Spender;
import ai.liberclaw.deploy.budget.TokenUsage;
import ai.liberclaw.deploy.model.SearchSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Searches the web for agents with the operator's keys, or a user's own: Brave if there is a key
 * for it, then LibertAI's service. The answer has the latter's form.
 */
final class WebSearch {
  static final int BODY_BYTES_MAX = 64 * 1024;

  private static final Logger LOG = System.getLogger(WebSearch.class.getName());

  /** As it is shown in meters. */
  private static final String METERED = "web-search";

  private static final GuardedClient.Limits LIMITS =
      new GuardedClient.Limits(Duration.ofSeconds(15), 4 << 20, 0);
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  private final SearchSettings settings;
  private final GuardedClient client;

  /**
   * What is looked for.
   *
   * @param json as the caller sent it
   */
  record Query(String text, int count, JsonNode json) {
    private static final int LENGTH_MAX = 1_000;
    private static final int COUNT_DEFAULT = 5;
    private static final int COUNT_MAX = 20;

    /**
     * @throws Refusal 400 for what is no query
     */
    static Query of(byte[] body) {
      try {
        JsonNode json = Json.parse(body);
        String text = json.path("query").asText("").strip();
        if (text.isEmpty() || text.length() > LENGTH_MAX) {
          throw new Refusal(400, "query must have 1 to " + LENGTH_MAX + " characters");
        }
        int count = json.path("max_results").asInt(COUNT_DEFAULT);
        return new Query(text, Math.clamp(count, 1, COUNT_MAX), json);
      } catch (JsonException _) {
        throw new Refusal(400, "The request body is not valid JSON");
      }
    }
  }

  WebSearch(SearchSettings settings, List<String> allowHosts) {
    this.settings = settings;
    List<String> exempt = new ArrayList<>(allowHosts);
    // What the operator put on loopback was allowed when it was read.
    settings.libertAi().ifPresent(uri -> exempt.add(hostPort(uri)));
    exempt.add(hostPort(settings.brave()));
    this.client = new GuardedClient(new AddressPolicy(exempt));
  }

  private static String hostPort(URI uri) {
    int usual = "https".equals(uri.getScheme()) ? HTTPS_PORT : HTTP_PORT;
    return uri.getHost() + ":" + (uri.getPort() < 0 ? usual : uri.getPort());
  }

  /**
   * @throws Refusal when it is not paid for, or nobody answered
   */
  JsonNode run(Query query, Gateway gateway, Spender spender, OpenCalls.Call call)
      throws IOException, InterruptedException {
    Ask ask = new Ask(spender, METERED, Optional.of(settings.price()), 0, 0, 0, 0, false);
    try (Reservation reservation = gateway.reserved(ask)) {
      Optional<JsonNode> found = Optional.empty();
      if (settings.braveKey().isPresent()) {
        String key = settings.braveKey().get();
        found = call.await(() -> brave(query, key));
      }
      if (found.isEmpty() && settings.libertAi().isPresent()) {
        URI uri = settings.libertAi().get();
        found = call.await(() -> libertAi(query, uri));
      }
      if (found.isEmpty()) {
        call.throwIfOver();
        reservation.release();
        throw new Refusal(503, "The web cannot be searched now");
      }
      reservation.settle(TokenUsage.NONE, settings.price());
      return found.get();
    } catch (IOException | InterruptedException e) {
      call.throwIfOver();
      throw e;
    }
  }

  private Optional<JsonNode> brave(Query query, String key) throws InterruptedException {
    String url =
        settings.brave()
            + "/res/v1/web/search?q="
            + URLEncoder.encode(query.text(), StandardCharsets.UTF_8)
            + "&count="
            + query.count();
    Map<String, String> headers = Map.of("Accept", "application/json", "X-Subscription-Token", key);
    return json("brave", () -> client.get(url, headers, LIMITS)).map(WebSearch::asLibertAi);
  }

  private static JsonNode asLibertAi(JsonNode brave) {
    ObjectNode answer = Json.object();
    ArrayNode results = answer.putArray("results");
    for (JsonNode result : brave.path("web").path("results")) {
      results
          .addObject()
          .put("title", result.path("title").asText(""))
          .put("url", result.path("url").asText(""))
          .put("snippet", result.path("description").asText(""));
    }
    answer.putObject("meta").putArray("engines_used").add("brave");
    return answer;
  }

  private Optional<JsonNode> libertAi(Query query, URI uri) throws InterruptedException {
    Map<String, String> headers =
        settings
            .libertAiKey()
            .map(key ->
                Map.of(
                    "Accept", "application/json",
                    "Content-Type", "application/json",
                    "Authorization", "Bearer " + key))
            .orElse(Map.of("Accept", "application/json", "Content-Type", "application/json"));
    byte[] body = Json.writeBytes(query.json());
    return json("libertai", () -> client.post(uri + "/search", headers, body, LIMITS));
  }

  private interface Sending {
    GuardedResponse send() throws FetchException, InterruptedException;
  }

  /** Empty when there is no good answer. */
  private static Optional<JsonNode> json(String name, Sending request) throws InterruptedException {
    try (GuardedResponse response = request.send()) {
      if (response.status() < 300) {
        JsonNode json = Json.parse(response.bytes());
        if (json.isObject()) {
          return Optional.of(json);
        }
      }
      LOG.log(Level.WARNING, "search.refused service={0} status={1}", name, response.status());
    } catch (IOException | JsonException e) {
      LOG.log(
          Level.WARNING, "search.failed service={0} kind={1}", name, e.getClass().getSimpleName());
    }
    return Optional.empty();
  }
}
