package ai.liberclaw.agent.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.WebSearchTool;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SearchServicesTest {
  private static final String LIBERTAI = "https://api.libertai.io/v1";

  private HttpServer server;
  private String base;
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    base = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  @Test
  void libertAiIsAskedWithTheInferenceKey() throws Exception {
    libertAi(200, results(2, ""));
    assertTrue(
        search(libertAiAlone()).contains("**Title 1**\nhttps://1.example\nSnippet 1 & more"));
    assertEquals(
        "POST Bearer key application/json {\"query\":\"tea & cake\",\"engines\":[\"google\",\"bing\","
            + "\"duckduckgo\"],\"max_results\":5}",
        asked.poll());
  }

  @Test
  void enginesThatFailedAreTold() throws Exception {
    libertAi(200, results(1, "[\"google\",\"bing\"]"));
    assertTrue(
        search(libertAiAlone())
            .startsWith(
                "[warning: 2 search engines failed (google, bing); results may be incomplete]\n\n"
                    + "[untrusted content from a web search, mark "));
    libertAi(200, results(1, "[\"google\"]"));
    assertTrue(search(libertAiAlone()).startsWith("[untrusted content"), "one is no news");
    libertAi(200, results(0, "{\"google\":\"timeout\",\"bing\":\"x\",\"duckduckgo\":\"y\"}"));
    assertEquals(
        "[error: all search engines failed (google, bing, duckduckgo). If you know a likely address,"
            + " open it directly with web_fetch]",
        search(libertAiAlone()));
    String all = "[\"google\",\"bing\",\"duckduckgo\"]";
    libertAi(200, results(0, all + ",\"engines_used\":" + all));
    assertTrue(search(libertAiAlone()).startsWith("[error: all search engines failed"));
    libertAi(200, results(0, ""));
    assertEquals("(no results found)", search(libertAiAlone()));
  }

  @Test
  void eachServiceStandsInForTheOther() throws Exception {
    SearchSettings both = new SearchSettings(base, "brave", base, "key");
    brave(429, "{}");
    libertAi(200, results(1, ""));
    assertTrue(search(both).contains("Title 1"));
    libertAi(500, "{}");
    assertEquals("[error: Brave Search: HTTP 429; LibertAI search: HTTP 500]", search(both));
    brave(200, "{\"web\":{\"results\":[{\"title\":\"B\",\"url\":\"u\"}]}}");
    asked.clear();
    assertTrue(search(both).contains("**B**"));
    assertEquals(1, asked.size(), "the other is not asked");
  }

  @Test
  void aRedirectDoesNotGetTheKey() throws Exception {
    server.createContext(
        "/search",
        exchange -> {
          exchange.getResponseHeaders().set("Location", base + "/elsewhere");
          exchange.sendResponseHeaders(307, -1);
          exchange.close();
        });
    assertEquals("[error: HTTP 307]", search(libertAiAlone()));
  }

  @Test
  void w8ASearchServerLeadsToNoOtherPrivateAddress() throws Exception {
    int other = server.getAddress().getPort() == 1 ? 2 : 1;
    server.createContext(
        "/res/v1/web/search",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "http://127.0.0.1:" + other + "/");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    assertEquals("[error: more than 0 redirects]", search(new SearchSettings(base, "key", "", "")));
  }

  @Test
  void theInferenceKeyGoesOnlyToItsOwnersServices() {
    assertEquals("https://search.libertai.io", settings(Map.of(), LIBERTAI).libertAiUrl());
    for (String other :
        List.of("https://openrouter.ai/api/v1", "https://libertai.io.evil.example", "http://x:1")) {
      assertEquals("", settings(Map.of(), other).libertAiUrl(), other);
      assertEquals(List.of(), settings(Map.of(), other).services(List.of()));
    }
    Map<String, String> named = Map.of("LIBERTAI_SEARCH_BASE_URL", "https://search.example/");
    assertEquals("https://search.example", settings(named, "http://x:1").libertAiUrl());
    EnvReader env = new EnvReader(Map.of("BRAVE_SEARCH_BASE_URL", "search.example"));
    SearchSettings.fromEnv(env, "", LIBERTAI, "");
    assertThrows(ConfigException.class, env::throwIfProblems);
  }

  private SearchSettings libertAiAlone() {
    return new SearchSettings(base, "", base, "key");
  }

  private static SearchSettings settings(Map<String, String> variables, String inferenceUrl) {
    return SearchSettings.fromEnv(new EnvReader(variables), "", inferenceUrl, "key");
  }

  private static String search(SearchSettings settings) throws InterruptedException {
    return new WebSearchTool(settings.services(List.of()))
        .call(Json.object().put("query", "tea & cake"), new ToolContext("chat", "turn", "c", true))
        .content();
  }

  private static String results(int count, String failed) {
    StringBuilder json = new StringBuilder("{\"results\":[");
    for (int i = 1; i <= count; i++) {
      json.append(i > 1 ? "," : "")
          .append(
              "{\"title\":\"<b>Title</b> %d\",\"url\":\"https://%d.example\",\"snippet\":\"Snippet %d &amp; more\"}"
                  .formatted(i, i, i));
    }
    return json.append("],\"meta\":{")
        .append(failed.isEmpty() ? "" : "\"engines_failed\":" + failed)
        .append("}}")
        .toString();
  }

  private void libertAi(int status, String body) {
    answer("/search", status, body);
  }

  private void brave(int status, String body) {
    answer("/res/v1/web/search", status, body);
  }

  private void answer(String path, int status, String body) {
    try {
      server.removeContext(path);
    } catch (IllegalArgumentException _) {
      // The first answer for this path.
    }
    server.createContext(
        path,
        exchange -> {
          var headers = exchange.getRequestHeaders();
          String sent =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(
              exchange.getRequestMethod()
                  + " "
                  + headers.getFirst("Authorization")
                  + " "
                  + headers.getFirst("Content-Type")
                  + " "
                  + sent);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }
}
