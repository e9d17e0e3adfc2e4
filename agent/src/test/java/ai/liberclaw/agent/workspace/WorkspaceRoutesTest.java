package ai.liberclaw.agent.workspace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Listener;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkspaceRoutesTest {
  @TempDir Path folder;
  private Path root;
  private WebServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void open() throws IOException {
    Path database = folder.resolve("workspace/state.sqlite");
    Workspace workspace = new Workspace(folder.resolve("workspace"), List.of(database));
    root = workspace.root();
    Files.writeString(database, "rows");
    Router router = new Router((_, message) -> Json.object().put("error", message));
    new UploadRoutes(workspace).register(router);
    new FileRoutes(workspace).register(router);
    new TreeRoutes(workspace).register(router);
    server =
        Listener.of(
                "127.0.0.1",
                0,
                UploadRoutes.BODY_BYTES_MAX,
                Duration.ofSeconds(1),
                router,
                (_, message) -> Json.object().put("error", message))
            .build()
            .start();
  }

  @AfterEach
  void close() {
    server.stop();
    client.close();
  }

  private HttpRequest.Builder to(String rawPath) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + rawPath));
  }

  private HttpResponse<byte[]> get(String rawPath, String... headers) throws Exception {
    HttpRequest.Builder request = to(rawPath);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void aFileComesWithItsHeaders() throws Exception {
    Files.writeString(root.resolve("a.txt"), "grüße");
    HttpResponse<byte[]> response = get("/files/a.txt");
    assertEquals(200, response.statusCode());
    assertEquals("grüße", text(response));
    assertEquals("text/plain; charset=utf-8", header(response, "Content-Type"));
    assertEquals("7", header(response, "Content-Length"));
    assertEquals("attachment; filename=\"a.txt\"", header(response, "Content-Disposition"));
    assertEquals("bytes", header(response, "Accept-Ranges"));
    assertEquals("nosniff", header(response, "X-Content-Type-Options"));
    assertTrue(
        header(response, "Last-Modified").matches("\\w{3}, \\d\\d \\w{3} \\d{4} [\\d:]{8} GMT"));
    String tag = header(response, "ETag");
    assertTrue(tag.matches("\"[0-9a-f-]+\""), tag);
    assertEquals(304, get("/files/a.txt", "If-None-Match", tag).statusCode());
    Files.writeString(root.resolve("a.txt"), "changed!");
    assertEquals(200, get("/files/a.txt", "If-None-Match", tag).statusCode());
    Files.write(root.resolve("x.unknown"), new byte[] {0, 1});
    assertEquals("application/octet-stream", header(get("/files/x.unknown"), "Content-Type"));
    Files.write(root.resolve("empty"), new byte[0]);
    assertEquals("0", header(get("/files/empty"), "Content-Length"));
  }

  @Test
  void headHasTheHeadersAlone() throws Exception {
    Files.writeString(root.resolve("a.txt"), "12345");
    HttpRequest head = to("/files/a.txt").HEAD().build();
    for (int i = 0; i < 3; i++) {
      HttpResponse<byte[]> response = client.send(head, BodyHandlers.ofByteArray());
      assertEquals(200, response.statusCode());
      assertEquals("5", header(response, "Content-Length"));
      assertEquals(0, response.body().length);
    }
  }

  @Test
  void rangesAreServed() throws Exception {
    Files.writeString(root.resolve("a"), "0123456789");
    Map<String, String> parts =
        Map.of("bytes=0-3", "0123", "bytes=7-", "789", "bytes=-2", "89", "bytes=5-99", "56789");
    for (var part : parts.entrySet()) {
      HttpResponse<byte[]> response = get("/files/a", "Range", part.getKey());
      assertEquals(206, response.statusCode());
      assertEquals(part.getValue(), text(response));
    }
    assertEquals("bytes 0-3/10", header(get("/files/a", "Range", "bytes=0-3"), "Content-Range"));
    for (String range : List.of("bytes=10-", "bytes=-0", "bytes=99-100")) {
      HttpResponse<byte[]> response = get("/files/a", "Range", range);
      assertEquals(416, response.statusCode());
      assertEquals("bytes */10", header(response, "Content-Range"));
    }
    for (String range : List.of("bytes=3-1", "lines=1-2", "bytes=0-1,3-4", "bytes=-", "x")) {
      assertEquals(200, get("/files/a", "Range", range).statusCode(), range);
    }
    assertEquals(200, get("/files/a", "Range", "bytes=0-3", "If-Range", "\"other\"").statusCode());
    String tag = header(get("/files/a"), "ETag");
    assertEquals(206, get("/files/a", "Range", "bytes=0-3", "If-Range", tag).statusCode());
  }

  @Test
  void aBigFileArrivesWhole() throws Exception {
    byte[] big = new byte[5 << 20];
    new java.util.Random(1).nextBytes(big);
    Files.write(root.resolve("big.bin"), big);
    assertArrayEquals(big, get("/files/big.bin").body());
  }

  @Test
  void namesAreDecodedOnceAndEncodedWhereNeeded() throws Exception {
    Files.writeString(root.resolve("ä b%20c\".txt"), "x");
    HttpResponse<byte[]> response = get("/files/%C3%A4%20b%2520c%22.txt");
    assertEquals("x", text(response));
    assertEquals(
        "attachment; filename*=utf-8''%C3%A4%20b%2520c%22.txt",
        header(response, "Content-Disposition"));
    Files.createDirectories(root.resolve("d/e"));
    Files.writeString(root.resolve("d/e/f"), "deep");
    assertEquals("deep", text(get("/files/d/e/f")));
    assertEquals("deep", text(get("/files/d%2Fe%2Ff")));
    String absolute = root.resolve("d/e/f").toString().replace("/", "%2F");
    assertEquals("deep", text(get("/files/" + absolute)));
  }

  private String raw(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      socket.setSoTimeout(500);
      StringBuilder answer = new StringBuilder();
      try {
        int c;
        for (c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
          answer.append((char) c);
        }
      } catch (java.net.SocketTimeoutException _) {
        // The server leaves the connection open.
      }
      return answer.toString();
    }
  }

  @Test
  void w21PathsThatAreNotToBeHadAreForbidden() throws Exception {
    Files.createDirectories(root.resolve("dir"));
    Files.createSymbolicLink(root.resolve("out"), Path.of("/etc"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(root.resolve("broken"), Path.of("nowhere"));
    Files.writeString(root.resolve(".env"), "secret");
    Files.createLink(root.resolve("innocent"), root.resolve("state.sqlite"));
    Map<String, String> refusals =
        Map.of(
            "out/passwd", "Path escapes workspace boundary: out/passwd",
            "%2Fetc%2Fpasswd", "Path escapes workspace boundary: /etc/passwd",
            "..%2F..%2Fetc%2Fpasswd", "Path escapes workspace boundary: ../../etc/passwd",
            "nothing", "File does not exist: nothing",
            "broken", "File does not exist: broken",
            ".env", "Access to sensitive file blocked: .env",
            "innocent", "Access to sensitive file blocked: innocent",
            "dir", "Not a file: dir",
            "loop", "Path is a loop of links: loop",
            "a%00b", "Invalid path: a\\0b");
    for (var refusal : refusals.entrySet()) {
      HttpResponse<byte[]> response = get("/files/" + refusal.getKey());
      assertEquals(403, response.statusCode(), refusal.getKey());
      assertEquals(refusal.getValue(), Json.parse(response.body()).path("error").asText());
    }
    String dots = raw("/files/../../../../etc/passwd");
    assertTrue(dots.startsWith("HTTP/1.1 403") || dots.startsWith("HTTP/1.1 404"), dots);
  }

  private HttpResponse<byte[]> upload(String body) throws Exception {
    return upload(body.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<byte[]> upload(byte[] body) throws Exception {
    return client.send(
        to("/files/upload")
            .header("Content-Type", "multipart/form-data; boundary=BOUND")
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static String field(String name, String value) {
    return "--BOUND\r\nContent-Disposition: form-data; name=\""
        + name
        + "\"\r\n\r\n"
        + value
        + "\r\n";
  }

  private static String file(String name, String content) {
    return "--BOUND\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + name
        + "\"\r\nContent-Type: text/plain\r\n\r\n"
        + content
        + "\r\n";
  }

  private static final String END = "--BOUND--\r\n";

  private long entries() throws IOException {
    try (var all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void anUploadLandsInItsFolder() throws Exception {
    HttpResponse<byte[]> response = upload(file("a.txt", "hello") + END);
    assertEquals(200, response.statusCode());
    assertEquals("{\"path\":\"uploads/a.txt\",\"size\":5,\"name\":\"a.txt\"}", text(response));
    assertEquals("hello", Files.readString(root.resolve("uploads/a.txt")));
    for (String body :
        List.of(
            field("path", "in/box") + file("ü 1.txt", "x") + END,
            file("ü 1.txt", "y") + field("path", "in/box") + END)) {
      assertEquals("in/box/ü 1.txt", Json.parse(upload(body).body()).path("path").asText());
    }
    assertEquals("y", Files.readString(root.resolve("in/box/ü 1.txt")), "overwritten");
    assertEquals(3, entries(), "no draft stays");
  }

  @Test
  void w4OnlyTheLastSegmentOfAFileNameCounts() throws Exception {
    for (String name : List.of("../../evil.txt", "/etc/evil.txt", "..\\\\..\\\\evil.txt")) {
      HttpResponse<byte[]> response = upload(file(name, "x") + END);
      assertEquals("uploads/evil.txt", Json.parse(response.body()).path("path").asText(), name);
    }
    assertFalse(Files.exists(folder.resolve("evil.txt")));
    for (String name : List.of("", ".", "..", "a/", ".env", ".ENV", "agent.db", "x\u0001y")) {
      HttpResponse<byte[]> response = upload(file(name, "x") + END);
      assertEquals(400, response.statusCode(), name + text(response));
      assertFalse(Json.parse(response.body()).path("error").asText().isEmpty());
    }
  }

  @Test
  void w4AnUploadStaysInTheWorkspace() throws Exception {
    Files.createSymbolicLink(root.resolve("out"), folder);
    Files.createDirectories(root.resolve("uploads"));
    Files.createSymbolicLink(root.resolve("uploads/link"), folder.resolve("target"));
    long before = entries();
    for (String path : List.of("..", "/etc", "out", "a/../../b")) {
      HttpResponse<byte[]> response = upload(field("path", path) + file("a", "x") + END);
      assertEquals(403, response.statusCode(), path);
      assertEquals(403, upload(file("a", "x") + field("path", path) + END).statusCode(), path);
    }
    assertEquals(403, upload(file("link", "x") + END).statusCode());
    assertEquals(403, upload(field("path", ".") + file("state.sqlite", "x") + END).statusCode());
    assertEquals("rows", Files.readString(root.resolve("state.sqlite")));
    assertEquals(before, entries());
  }

  @Test
  void aBodyWithoutAFileIsInvalid() throws Exception {
    for (String body :
        List.of("", "garbage", END, field("path", "x") + END, field("file", "x") + END)) {
      HttpResponse<byte[]> response = upload(body);
      assertEquals(422, response.statusCode(), body);
      JsonNode fault = Json.parse(response.body()).path("detail").path(0);
      assertEquals("missing", fault.path("type").asText());
      assertEquals("[\"body\",\"file\"]", Json.write(fault.path("loc")));
    }
    HttpResponse<byte[]> json =
        client.send(
            to("/files/upload")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"))
                .build(),
            BodyHandlers.ofByteArray());
    assertEquals(422, json.statusCode());
    long before = entries();
    assertEquals(422, upload("--BOUND\r\n" + file("a", "cut").substring(9, 90)).statusCode());
    assertEquals(before, entries(), "a cut-off file is not kept");
  }

  @Test
  void w28AnUploadMayHave50Mebibytes() throws Exception {
    byte[] start = file("big", "").getBytes(StandardCharsets.UTF_8);
    byte[] body = new byte[start.length - 2 + (50 << 20) + END.length() + 2];
    System.arraycopy(start, 0, body, 0, start.length - 2);
    byte[] end = ("\r\n" + END).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(end, 0, body, body.length - end.length, end.length);
    assertEquals(200, upload(body).statusCode());
    assertEquals(50 << 20, Files.size(root.resolve("uploads/big")));
    Files.delete(root.resolve("uploads/big"));
    byte[] more = new byte[body.length + 1];
    System.arraycopy(body, 0, more, 0, body.length - end.length);
    System.arraycopy(end, 0, more, more.length - end.length, end.length);
    HttpResponse<byte[]> response = upload(more);
    assertEquals(413, response.statusCode());
    assertEquals("{\"error\":\"File too large (50MB max)\"}", text(response));
    assertEquals(1, entries());
  }

  private JsonNode tree(String query) throws Exception {
    return Json.parse(get("/workspace/tree" + query).body());
  }

  @Test
  void theTreeIsSortedAndSkipsWhatIsNobodysBusiness() throws Exception {
    for (String name :
        List.of(
            "b.txt",
            "A.txt",
            "z/y/x.txt",
            ".git/HEAD",
            ".env",
            "agent.db-wal",
            "node_modules/m",
            "__pycache__/p",
            ".hidden")) {
      Path path = root.resolve(name);
      Files.createDirectories(path.getParent());
      Files.writeString(path, "123");
    }
    assertEquals(
        "{\"tree\":["
            + "{\"name\":\"z\",\"path\":\"z\",\"type\":\"dir\",\"children\":["
            + "{\"name\":\"y\",\"path\":\"z/y\",\"type\":\"dir\",\"children\":[]}]},"
            + "{\"name\":\".hidden\",\"path\":\".hidden\",\"type\":\"file\",\"size\":3},"
            + "{\"name\":\"A.txt\",\"path\":\"A.txt\",\"type\":\"file\",\"size\":3},"
            + "{\"name\":\"b.txt\",\"path\":\"b.txt\",\"type\":\"file\",\"size\":3},"
            + "{\"name\":\"state.sqlite\",\"path\":\"state.sqlite\",\"type\":\"file\",\"size\":4}]}",
        Json.write(tree("?max_depth=2")));
    assertEquals("z/y/x.txt", tree("").at("/tree/0/children/0/children/0/path").asText());
    assertEquals("{\"tree\":[]}", Json.write(tree("?max_depth=0")));
    assertEquals(200, get("/workspace/tree?max_depth=1000").statusCode());
    assertEquals(422, get("/workspace/tree?max_depth=x").statusCode());
  }

  @Test
  void w21LinksInTheTreeLeadNowhereElse() throws Exception {
    Files.createDirectories(root.resolve("d/e"));
    Files.createSymbolicLink(root.resolve("d/e/up"), root.resolve("d"));
    Files.createSymbolicLink(root.resolve("etc"), Path.of("/etc"));
    Files.createSymbolicLink(root.resolve("passwd"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(root.resolve("broken"), Path.of("nowhere"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    JsonNode tree = tree("?max_depth=20").path("tree");
    assertEquals("up", tree.at("/0/children/0/children/0/name").asText());
    for (JsonNode node : tree) {
      if (!node.path("name").asText().matches("d|state.sqlite")) {
        assertEquals("file", node.path("type").asText());
        assertEquals(0, node.path("size").asInt(-1));
      }
    }
  }

  @Test
  void theTreeIsCapped() throws Exception {
    Path many = Files.createDirectories(root.resolve("many"));
    for (int i = 0; i < 20_001; i++) {
      Files.createFile(many.resolve("f" + i));
    }
    JsonNode body = tree("");
    assertTrue(body.path("truncated").asBoolean());
    assertEquals(19_999, body.at("/tree/0/children").size());
  }
}
