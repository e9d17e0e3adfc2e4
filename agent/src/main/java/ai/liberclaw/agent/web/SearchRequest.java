package ai.liberclaw.agent.web;

import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.jsoup.Jsoup;

/** What requests to search services have in common. */
final class SearchRequest {
  /** For a whole search; no redirect is followed, as the key would go with it. */
  static final GuardedClient.Limits LIMITS =
      new GuardedClient.Limits(Duration.ofSeconds(15), 4 << 20, 0);

  private SearchRequest() {}

  /** One request of a service. */
  @FunctionalInterface
  interface Sending {
    GuardedResponse send() throws FetchException, InterruptedException;
  }

  static JsonNode json(Sending request) throws SearchException, InterruptedException {
    try (GuardedResponse response = request.send()) {
      if (response.status() >= 300) {
        throw new SearchException("HTTP " + response.status());
      }
      return Json.parse(response.bytes());
    } catch (InterruptedIOException _) {
      Thread.interrupted();
      throw new InterruptedException();
    } catch (IOException e) {
      throw new SearchException(String.valueOf(e.getMessage()));
    } catch (JsonException _) {
      throw new SearchException("the search service sent no JSON");
    }
  }

  /** Titles and snippets carry a little HTML. */
  static String plain(JsonNode text) {
    return Jsoup.parseBodyFragment(text.asText("")).text();
  }
}
