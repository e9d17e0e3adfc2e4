package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WebToolsTest {
  @TempDir Path folder;
  private HttpServer server;
  private String base;
  private Scene scene;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    String host = "127.0.0.1:" + server.getAddress().getPort();
    base = "http://" + host;
    scene = new Scene(folder, "brave-key", base, List.of(host));
  }

  @AfterEach
  void close() {
    scene.close();
    server.stop(0);
  }

  private void serve(String path, int status, String type, byte[] body) {
    server.createContext(
        path,
        exchange -> {
          if (!type.isEmpty()) {
            exchange.getResponseHeaders().set("Content-Type", type);
          }
          answer(exchange, status, body);
        });
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String fetch(String path) throws InterruptedException {
    return scene.call("web_fetch", Map.of("url", base + path)).content();
  }

  @Test
  void htmlBecomesReadableText() throws Exception {
    serve(
        "/page",
        200,
        "text/html; charset=utf-8",
        utf8(
            """
            <html><head><title>A page</title><style>x{}</style></head><body>
            <nav><a href=/home>Home</a></nav><script>if (a > b) "</p>"</script>
            <h1>Title &amp; more</h1><p>First   line<br>second <b>bold</b> <a href="/next?a=1">link</a>.
            <ul><li>one<li>two<ol><li>deep</ol></ul>
            <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
            <pre>  kept
              as is</pre><!-- > hidden --><p>unclosed <i>tags
            """));
    assertEquals(
        """
        A page

        # Title & more

        First line
        second bold [link](%s/next?a=1).

        - one
        - two
          1. deep

        a | b
        1 | 2

          kept
          as is

        unclosed tags\
        """
            .formatted(base),
        fetch("/page"));
  }

  @Test
  void hostileHtmlIsConvertedInBoundedTime() throws Exception {
    serve("/deep", 200, "text/html", utf8("<div>".repeat(200_000) + "x"));
    serve("/open", 200, "text/html", utf8("<a href=x><".repeat(100_000)));
    serve("/list", 200, "text/html", utf8("<ol>" + "<li>x".repeat(20_000)));
    long start = System.nanoTime();
    assertTrue(fetch("/deep").endsWith("x"));
    fetch("/open");
    fetch("/list");
    assertTrue(System.nanoTime() - start < 15e9, "took too long");
  }

  @Test
  void otherTextsAreShownInTheirCharset() throws Exception {
    serve("/json", 200, "application/json", utf8("{\"a\":[1,{\"b\":\"ü\"}]}"));
    assertTrue(fetch("/json").contains("\n  \"a\" : [ 1, {\n"), fetch("/json"));
    serve("/broken.json", 200, "application/json", utf8("{\"a\":"));
    assertEquals("{\"a\":", fetch("/broken.json"));
    serve(
        "/latin",
        200,
        "text/plain; charset=iso-8859-1",
        "grün".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("grün", fetch("/latin"));
    serve(
        "/meta",
        200,
        "text/html",
        "<meta charset=windows-1251><p>Привет".getBytes(Charset.forName("windows-1251")));
    assertEquals("Привет", fetch("/meta"));
    serve("/none", 200, "", utf8("plain"));
    assertEquals("plain", fetch("/none"));
    serve("/empty", 200, "text/plain", utf8(""));
    assertEquals("(empty response)", fetch("/empty"));
  }

  @Test
  void longTextsAreCappedWithTheirTotal() throws Exception {
    serve("/long", 200, "text/plain", utf8("x".repeat(60_000)));
    String result = fetch("/long");
    assertTrue(result.startsWith("x".repeat(50_000) + "\n\n["));
    assertTrue(result.contains("60000 characters in total"));
    serve("/fits", 200, "text/plain", utf8("x".repeat(50_000)));
    assertEquals(50_000, fetch("/fits").length());
    serve("/huge", 200, "text/plain", utf8("y".repeat(11 << 20)));
    assertTrue(fetch("/huge").contains("of the first 10485760 bytes"));
  }

  @Test
  void otherContentIsSavedUnderANameOfItsOwn() throws Exception {
    byte[] body = {0, 1, 2, 3};
    serve("/files/", 200, "application/pdf", body);
    String name = "/files/..%2F..%2FReport%201.PDF";
    assertEquals("[saved to downloads/report_1.pdf: application/pdf, 4 bytes]", fetch(name));
    assertEquals("[saved to downloads/report_1-2.pdf: application/pdf, 4 bytes]", fetch(name));
    assertEquals("[saved to downloads/env: application/pdf, 4 bytes]", fetch("/files/.env"));
    assertEquals(4, Files.size(scene.workspace.root().resolve("downloads/report_1.pdf")));
    serve("/fake.txt", 200, "text/plain", body);
    assertTrue(fetch("/fake.txt").startsWith("[saved to downloads/fake.txt"));
    serve("/big", 200, "application/zip", new byte[(20 << 20) + 1]);
    assertTrue(
        fetch("/big").startsWith("[error: answer larger than 20971520 bytes"), fetch("/big"));
    try (var files = Files.list(scene.workspace.root().resolve("downloads"))) {
      assertEquals(4, files.count(), "no draft stays");
    }
  }

  @Test
  void failuresAreErrors() throws Exception {
    assertEquals(
        "[error: URL must start with http:// or https://]",
        scene.call("web_fetch", Map.of("url", "ftp://x/")).content());
    serve("/gone", 404, "text/plain", utf8("no"));
    assertEquals("[error: HTTP 404]", fetch("/gone"));
    server.createContext(
        "/loop",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/loop");
          answer(exchange, 302, new byte[0]);
        });
    assertEquals("[error: more than 5 redirects]", fetch("/loop"));
  }

  @Test
  void privateAddressesAreBlockedOnEveryHop() throws Exception {
    int port = server.getAddress().getPort() + 1;
    for (String url :
        List.of(
            "http://127.0.0.1:" + port + "/",
            "http://localhost:" + server.getAddress().getPort() + "/",
            "http://169.254.169.254/latest/meta-data",
            "http://2130706433/",
            "http://[::1]/")) {
      assertEquals(
          "[error: blocked address]", scene.call("web_fetch", Map.of("url", url)).content(), url);
    }
    server.createContext(
        "/away",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "http://10.0.0.1/");
          answer(exchange, 302, new byte[0]);
        });
    assertEquals("[error: blocked address]", fetch("/away"));
  }

  @Test
  void searchResultsAreListed() throws Exception {
    StringBuilder asked = new StringBuilder();
    server.createContext(
        "/res/v1/web/search",
        exchange -> {
          asked.append(exchange.getRequestURI().getRawQuery()).append(' ');
          asked.append(exchange.getRequestHeaders().getFirst("X-Subscription-Token"));
          answer(
              exchange,
              200,
              utf8(
                  "{\"web\":{\"results\":[{\"title\":\"A <strong>b</strong> &amp; c\",\"url\":\"https://a/\","
                      + "\"description\":\"d\"},{\"title\":\"B\",\"url\":\"https://b/\"}]}}"));
        });
    assertEquals(
        "**A b & c**\nhttps://a/\nd\n\n**B**\nhttps://b/\n",
        scene.call("web_search", Map.of("query", "x & y", "count", "2")).content());
    assertEquals("q=x+%26+y&count=2 brave-key", asked.toString());
  }

  @Test
  void aSearchWithoutResultsSaysSo() throws Exception {
    serve("/res/v1/web/search", 200, "application/json", utf8("{}"));
    assertEquals("(no results found)", scene.call("web_search", Map.of("query", "x")).content());
    assertFalse(scene.call("web_search", Map.of("query", "x")).isError());
    server.removeContext("/res/v1/web/search");
    assertEquals("[error: HTTP 404]", scene.call("web_search", Map.of("query", "x")).content());
  }
}
