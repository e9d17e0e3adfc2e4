package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A web build is served beside the API, and nothing else of the disk. */
@ExtendWith(Postgres.Extension.class)
class WebAppTest {
  private static final String SCRIPT = "/_expo/static/js/entry-0123456789abcdef.js";
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres, @TempDir Path folder) throws Exception {
    Path web = Files.createDirectories(folder.resolve("web"));
    Files.writeString(folder.resolve("secret.txt"), "secret");
    Files.writeString(web.resolve("index.html"), "<h1>index</h1>");
    Files.writeString(web.resolve("about.html"), "<h1>about</h1>");
    Files.writeString(web.resolve("favicon.ico"), "icon");
    Files.writeString(web.resolve(".env"), "secret");
    Files.createSymbolicLink(web.resolve("link.txt"), folder.resolve("secret.txt"));
    Path script = web.resolve(SCRIPT.substring(1));
    Files.createDirectories(script.getParent());
    Files.writeString(script, "console.log(1)");
    Files.write(web.resolve("large.wasm"), new byte[3 << 20]);
    api = TestApi.start(postgres, Map.of("LIBERCLAW_WEB_DIR", web.toString()));
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  @Test
  void filesHaveTheirTypeAndPagesAreTheIndex() throws Exception {
    served("/", "text/html; charset=utf-8", "no-cache", "<h1>index</h1>");
    served("/auth/verify?token=x", "text/html; charset=utf-8", "no-cache", "<h1>index</h1>");
    served("/about", "text/html; charset=utf-8", "no-cache", "<h1>about</h1>");
    served("/favicon.ico", "image/x-icon", "no-cache", "icon");
    served(
        SCRIPT,
        "text/javascript; charset=utf-8",
        "public, max-age=31536000, immutable",
        "console.log(1)");
    HttpResponse<String> large = call("GET", "/large.wasm");
    assertEquals("application/wasm", header(large, "Content-Type"));
    assertEquals(3 << 20, large.body().length());
    assertEquals(404, call("GET", "/_expo/static/js/old-0123456789abcdef.js").statusCode());
  }

  @Test
  void theApiStaysTheApi() throws Exception {
    assertEquals(200, call("GET", "/api/v1/health").statusCode());
    for (String path : List.of("/api/v1/nowhere", "/api/", "/api", "/api/v1/chat")) {
      HttpResponse<String> answer = call("GET", path);
      assertTrue(answer.statusCode() == 404 || answer.statusCode() == 401, path);
      assertEquals("application/json", header(answer, "Content-Type"), path);
    }
    assertEquals(404, call("POST", "/").statusCode());
    assertEquals(404, call("POST", "/api/v1/nowhere").statusCode());
  }

  @Test
  void whatTheBrowserHasIsNotSentAgain() throws Exception {
    HttpResponse<String> first = call("GET", "/about");
    String tag = header(first, "ETag");
    for (String sent : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
      HttpResponse<String> again = call("GET", "/about", "If-None-Match", sent);
      assertEquals(304, again.statusCode(), sent);
      assertEquals("", again.body());
      assertEquals(tag, header(again, "ETag"));
    }
    assertEquals(200, call("GET", "/about", "If-None-Match", "\"x\"").statusCode());
    HttpResponse<String> head = call("HEAD", "/about");
    assertEquals(200, head.statusCode());
    assertEquals("14", header(head, "Content-Length"));
    assertEquals("", head.body());
  }

  @Test
  void noPathLeavesTheBuild() throws Exception {
    for (String path :
        List.of(
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/_expo/../../secret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..\\secret.txt",
            "/..%5csecret.txt",
            "//secret.txt",
            "/.env",
            "/%2eenv",
            "/link.txt",
            "/index.html%00.png")) {
      String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertFalse(answer.startsWith("HTTP/1.1 200"), path + " " + answer);
      assertFalse(answer.contains("\r\n\r\nsecret"), path);
    }
  }

  @Test
  void aDirectoryWithoutABuildIsRefusedAtTheStart(Postgres postgres, @TempDir Path empty) {
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () -> TestApi.start(postgres, Map.of("LIBERCLAW_WEB_DIR", empty.toString())));
    assertEquals(
        List.of("LIBERCLAW_WEB_DIR must be a directory with an index.html"), refused.problems());
  }

  private static void served(String path, String type, String caching, String body)
      throws Exception {
    HttpResponse<String> answer = call("GET", path);
    assertEquals(200, answer.statusCode(), path);
    assertEquals(body, answer.body(), path);
    assertEquals(type, header(answer, "Content-Type"), path);
    assertEquals(caching, header(answer, "Cache-Control"), path);
    assertEquals("nosniff", header(answer, "X-Content-Type-Options"), path);
    assertEquals("no-referrer", header(answer, "Referrer-Policy"), path);
  }

  private static HttpResponse<String> call(String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return api.http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.server.port())) {
      socket.setSoTimeout((int) TestApi.DEADLINE.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
