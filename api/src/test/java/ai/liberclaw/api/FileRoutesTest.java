package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.db.platform.Tables;
import ai.liberclaw.testkit.agent.StubAgent;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files to and from an agent that does as it is told, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
class FileRoutesTest {
  private static final String BOUNDARY = "client-boundary";
  private static final int LARGE = 40 << 20;

  /** More than all socket buffers on the way can hold, and far less than the file. */
  private static final int BUFFERED_MAX = 24 << 20;

  TestApi api;
  TestApi.Tokens ada;
  StubAgent stub;
  UUID agent;

  @BeforeAll
  void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres);
    ada = api.guest();
  }

  @BeforeEach
  void adopt() throws Exception {
    stub = new StubAgent();
    agent = api.adoptAgent(api.userId(ada), stub);
  }

  @AfterEach
  void end() throws Exception {
    stub.close();
  }

  @AfterAll
  void stop() throws Exception {
    api.close();
  }

  @Test
  void theTreeIsRelayed() throws Exception {
    String tree =
        "{\"tree\":[{\"name\":\"ä\",\"path\":\"ä\",\"type\":\"dir\",\"children\":[]}],\"x\":1}";
    stub.on("GET /workspace/tree", (_, c) -> c.json(200, tree));
    HttpResponse<String> answer = get("/tree");
    assertEquals(200, answer.statusCode());
    assertEquals(
        "{\"tree\":[{\"name\":\"ä\",\"path\":\"ä\",\"type\":\"dir\",\"children\":[]}]}",
        answer.body());
    assertTrue(
        stub.requests("GET /workspace/tree")
            .getFirst()
            .headers()
            .contains("Bearer " + StubAgent.SECRET));
    stub.on("GET /workspace/tree", (_, c) -> c.json(404, "{\"error\":\"no\"}"));
    assertAnswer(404, "Agent error", get("/tree"));
    stub.on("GET /workspace/tree", (_, c) -> c.json(500, "{\"error\":\"secret reason\"}"));
    assertAnswer(502, "Agent error", get("/tree"));
    stub.on("GET /workspace/tree", (_, c) -> c.json(200, "[]"));
    assertAnswer(502, "Agent error", get("/tree"));
    stub.on("GET /workspace/tree", (_, c) -> c.json(429, "{\"error\":\"busy\"}"));
    HttpResponse<String> busy = get("/tree");
    assertAnswer(429, "Agent error", busy);
    assertTrue(busy.headers().firstValue("Retry-After").isPresent());
    stub.on("GET /workspace/tree", (_, c) -> c.reset());
    assertAnswer(502, "Could not reach agent", get("/tree"));
  }

  @Test
  void anAgentThatIsSilentOrGoneIsToldApart() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    stub.on("GET /workspace/tree", (_, _) -> over.await());
    stub.on("GET /files/", (_, _) -> over.await());
    assertAnswer(504, "Agent did not answer in time", get("/tree"));
    assertAnswer(504, "Agent did not answer in time", get("/a.txt"));
    over.countDown();
    stub.close();
    assertAnswer(502, "Could not reach agent", get("/tree"));
    assertAnswer(502, "Could not reach agent", get("/a.txt"));
    assertAnswer(502, "Could not reach agent", upload(form("a", "x", Optional.empty())));
    api.sql()
        .update(Tables.AGENTS)
        .setNull(Tables.AGENTS.VM_URL)
        .where(Tables.AGENTS.ID.eq(agent))
        .execute();
    assertAnswer(400, "Agent has no VM", get("/tree"));
    assertAnswer(400, "Agent has no VM", get("/a.txt"));
  }

  @Test
  void b20TheAgents401NeverReachesTheApp() throws Exception {
    for (String path : List.of("GET /workspace/tree", "GET /files/")) {
      stub.on(path, (_, c) -> c.json(401, "{\"error\":\"unauthorized\"}"));
    }
    stub.on(
        "POST /files/upload",
        (_, c) -> {
          String _ = c.requestBody();
          c.json(401, "{\"error\":\"unauthorized\"}");
        });
    assertAnswer(502, "Agent error", get("/tree"));
    assertAnswer(502, "Agent error", get("/a.txt"));
    assertAnswer(502, "Upload failed", upload(form("a", "x", Optional.empty())));
  }

  @Test
  void b12NoPathLeavesTheFiles() throws Exception {
    for (String path :
        List.of(
            "..%2fpending",
            "%2e%2e%2fhealth",
            "%2e%2e/health",
            "a/%2e%2e/%2e%2e/pending",
            "./a",
            "a//b",
            "a/",
            "%2fetc/passwd",
            "a%5c..%5cb",
            "a%00b",
            "a%0d%0aX-Evil:1",
            "")) {
      String answer = raw("GET", "/files/" + agent + "/" + path);
      assertTrue(answer.startsWith("HTTP/1.1 404 "), path + ": " + answer);
    }
    assertEquals(List.of(), stub.requests(""), "nothing of this reaches the agent");

    stub.on("GET /files/", (_, c) -> c.json(404, "{}"));
    assertEquals(404, get("/a%2Fb%20c%23d%3Fe%25f/%C3%BC%F0%9F%A6%80.txt").statusCode());
    assertEquals(
        "/files/a/b%20c%23d%3Fe%25f/%C3%BC%F0%9F%A6%80.txt",
        stub.requests("GET /files/").getFirst().path());
    // Decoded once: what is encoded twice is a name.
    assertEquals(404, get("/%252e%252e%252fpending").statusCode());
    assertEquals("/files/%252e%252e%252fpending", stub.requests("GET /files/").getLast().path());
  }

  @Test
  void b13AFileCannotRunAndItsNameCannotBreakTheHeader() throws Exception {
    stub.on(
        "GET /files/",
        (_, c) -> {
          c.head(
              "HTTP/1.1 200 OK",
              "Content-Type: text/html",
              "Content-Disposition: inline",
              "Content-Length: 2",
              "ETag: \"v1\"",
              "Connection: close");
          c.raw("hi");
        });
    HttpResponse<String> page = get("/a%22%3B%20x=y%C3%BC.html");
    assertEquals(200, page.statusCode());
    assertEquals("hi", page.body());
    assertHeader("application/octet-stream", page, "Content-Type");
    assertHeader(
        "attachment; filename=\"a_; x=y_.html\"; filename*=UTF-8''a%22%3B%20x%3Dy%C3%BC.html",
        page, "Content-Disposition");
    assertHeader("nosniff", page, "X-Content-Type-Options");
    assertHeader("sandbox", page, "Content-Security-Policy");
    assertHeader("private", page, "Cache-Control");
    assertHeader("2", page, "Content-Length");
    assertHeader("\"v1\"", page, "ETag");
    assertHeader("application/octet-stream", get("/x.svg"), "Content-Type");
    assertHeader("image/jpeg", get("/dir/x.JPG"), "Content-Type");
    assertHeader("image/webp", get("/x.webp"), "Content-Type");
    assertHeader("attachment; filename=\"x.webp\"", get("/x.webp"), "Content-Disposition");
    assertEquals(401, api.call("GET", "/files/" + agent + "/x.webp", null, null).statusCode());
  }

  @Test
  void rangesAndTagsPassBothWays() throws Exception {
    stub.on(
        "GET /files/",
        (request, c) -> {
          String head = request.headers().toLowerCase(java.util.Locale.ROOT);
          if (head.contains("if-none-match: \"v1\"")) {
            c.head("HTTP/1.1 304 Not Modified", "ETag: \"v1\"", "Connection: close");
          } else if (head.contains("range: bytes=1-2")) {
            c.head(
                "HTTP/1.1 206 Partial Content",
                "Content-Range: bytes 1-2/4",
                "Accept-Ranges: bytes",
                "Content-Length: 2",
                "Connection: close");
            c.raw("bc");
          } else {
            c.head(
                "HTTP/1.1 416 Range Not Satisfiable",
                "Content-Range: bytes */4",
                "Content-Length: 0",
                "Connection: close");
          }
        });
    HttpResponse<String> part = get("/a.txt", "Range", "bytes=1-2");
    assertEquals(206, part.statusCode());
    assertEquals("bc", part.body());
    assertHeader("bytes 1-2/4", part, "Content-Range");
    assertHeader("bytes", part, "Accept-Ranges");
    HttpResponse<String> known = get("/a.txt", "If-None-Match", "\"v1\"");
    assertEquals(304, known.statusCode());
    assertHeader("\"v1\"", known, "ETag");
    HttpResponse<String> beyond = get("/a.txt", "Range", "bytes=9-");
    assertAnswer(416, "Range not satisfiable", beyond);
    assertHeader("bytes */4", beyond, "Content-Range");
  }

  @Test
  void headTellsTheSizeAlsoOfAnAgentThatKnowsOnlyGet() throws Exception {
    StubAgent.Script size =
        (_, c) -> c.head("HTTP/1.1 200 OK", "Content-Length: 7", "Connection: close");
    stub.on("HEAD /files/", size);
    String ours = raw("HEAD", "/files/" + agent + "/a.txt");
    assertTrue(ours.startsWith("HTTP/1.1 200 ") && ours.contains("Content-Length: 7\r\n"), ours);
    assertEquals(0, stub.requests("GET /files/").size());
    stub.on("HEAD /files/", (_, c) -> c.json(405, "{}"));
    stub.on("GET /files/", size);
    String original = raw("HEAD", "/files/" + agent + "/a.txt");
    assertTrue(original.contains("Content-Length: 7\r\n"), original);
    assertTrue(original.endsWith("\r\n\r\n"), "no body: " + original);
  }

  @Test
  void aFileThatIsCutOffNeverLooksWhole() throws Exception {
    stub.on(
        "GET /files/known",
        (_, c) -> {
          c.head("HTTP/1.1 200 OK", "Content-Length: 9", "Connection: close");
          c.raw("half");
        });
    stub.on(
        "GET /files/chunked",
        (_, c) -> {
          c.head();
          c.chunk("half");
          c.reset();
        });
    assertThrows(IOException.class, () -> get("/known"));
    assertThrows(IOException.class, () -> get("/chunked"));
    stub.on(
        "GET /files/chunked",
        (_, c) -> {
          c.head();
          c.chunk("whole");
          c.end();
        });
    assertEquals("whole", get("/chunked").body());
  }

  @Test
  void b18ADownloadWaitsForItsReaderAWhile() throws Exception {
    AtomicLong sent = new AtomicLong();
    CountDownLatch cut = new CountDownLatch(1);
    stub.on(
        "GET /files/",
        (_, c) -> {
          c.head("HTTP/1.1 200 OK", "Content-Length: " + LARGE, "Connection: close");
          byte[] piece = new byte[64 * 1024];
          for (int i = 0; i < LARGE / piece.length; i++) {
            try {
              c.out().write(piece);
            } catch (IOException e) {
              cut.countDown();
              throw e;
            }
            sent.addAndGet(piece.length);
          }
        });
    try (Socket client = request("GET", "/files/" + agent + "/large", "")) {
      assertStalls(sent);
      assertEquals('H', client.getInputStream().read());
      assertTrue(cut.await(TestApi.DEADLINE.toSeconds(), TimeUnit.SECONDS), "never given up");
    }
  }

  @Test
  void b18AnUploadWaitsForItsAgent() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    AtomicLong sent = new AtomicLong();
    stub.on("POST /files/upload", (_, _) -> over.await());
    String start = partHead("large");
    try (Socket client =
        request(
            "POST",
            "/files/" + agent + "/upload",
            "Content-Type: multipart/form-data; boundary="
                + BOUNDARY
                + "\r\nContent-Length: "
                + (LARGE + 200)
                + "\r\n")) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  OutputStream out = client.getOutputStream();
                  out.write(start.getBytes(StandardCharsets.UTF_8));
                  byte[] piece = new byte[64 * 1024];
                  for (int i = 0; i < LARGE / piece.length; i++) {
                    out.write(piece);
                    sent.addAndGet(piece.length);
                  }
                } catch (IOException _) {
                  // Cut off at the end of the test.
                }
              });
      assertStalls(sent);
      over.countDown();
      client.close();
      writer.join();
    }
  }

  @Test
  void anUploadGoesOnWithHarmlessNames() throws Exception {
    AtomicReference<String> got = new AtomicReference<>("");
    stub.on(
        "POST /files/upload",
        (_, c) -> {
          got.set(c.requestBody());
          c.json(200, "{\"path\":\"docs/x.txt\",\"size\":5,\"name\":\"x.txt\",\"more\":1}");
        });
    HttpResponse<String> answer =
        upload(form("../../..\\.bü\u0007.txt", "hello", Optional.of("/../docs/./.hidden/")));
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("{\"path\":\"docs/x.txt\",\"size\":5,\"name\":\"x.txt\"}", answer.body());
    String body = seen(got);
    assertTrue(body.contains("name=\"file\"; filename=\"bü.txt\"\r\n"), body);
    assertTrue(body.contains("\r\n\r\nhello\r\n--"), body);
    assertTrue(body.contains("name=\"path\"\r\n\r\ndocs/hidden\r\n"), body);
    assertTrue(body.endsWith("--\r\n"), body);

    assertEquals(200, upload(form("a\\\"b.txt", "x", Optional.empty())).statusCode());
    assertTrue(seen(got).contains("filename=\"%22b.txt\"\r\n"), seen(got));
    assertEquals(200, upload(form("😀".repeat(80), "x", Optional.empty())).statusCode());
    assertTrue(seen(got).contains("filename=\"" + "😀".repeat(50) + "\""), seen(got));
    assertTrue(seen(got).contains("name=\"path\"\r\n\r\nuploads\r\n"), seen(got));
  }

  @Test
  void anUploadThatIsNoneIsRefused() throws Exception {
    AtomicReference<String> got = new AtomicReference<>("");
    stub.on(
        "POST /files/upload",
        (_, c) -> {
          got.set(c.requestBody());
          c.json(422, "{}");
        });
    for (String body :
        List.of(
            "",
            "rubbish",
            "--"
                + BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\nx\r\n--"
                + BOUNDARY
                + "--\r\n")) {
      HttpResponse<String> answer = upload(body);
      assertEquals(422, answer.statusCode(), body);
      JsonNode fault = Json.parse(answer.body()).at("/detail/0");
      assertEquals("missing", fault.get("type").textValue());
      assertEquals("[\"body\",\"file\"]", fault.get("loc").toString());
    }
    assertEquals(0, stub.requests("POST").size());
    // It breaks off within the file: what the agent gets has no end either.
    assertEquals(422, upload(partHead("a") + "half a fi").statusCode());
    assertTrue(seen(got).contains("filename=") && !seen(got).endsWith("--\r\n"), seen(got));
    assertEquals(401, api.post("/files/" + agent + "/upload", null, "rubbish").statusCode());
  }

  @Test
  void whatTheAgentSaysOfAnUploadIsMapped() throws Exception {
    AtomicInteger status = new AtomicInteger(403);
    stub.on(
        "POST /files/upload",
        (_, c) -> {
          String _ = c.requestBody();
          c.json(status.get(), "{\"error\":\"x\"}");
        });
    String body = form("a", "x", Optional.empty());
    assertAnswer(404, "Upload failed", upload(body));
    status.set(413);
    assertAnswer(413, "Request body too large", upload(body));
    status.set(400);
    assertAnswer(400, "Upload failed", upload(body));
    status.set(500);
    assertAnswer(502, "Upload failed", upload(body));
    stub.on("POST /files/upload", (_, c) -> c.reset());
    assertEquals(502, upload(body).statusCode());
  }

  @Test
  void anUploadOverTheLimitIsRefusedAndTheAgentKeepsNothing() throws Exception {
    AtomicReference<String> end = new AtomicReference<>("");
    stub.on(
        "POST /files/upload",
        (_, c) -> {
          byte[] chunk = c.requestChunk();
          while (chunk.length > 0) {
            end.set(new String(chunk, StandardCharsets.ISO_8859_1));
            chunk = c.requestChunk();
          }
          c.json(422, "{}");
        });
    String declared =
        raw(
            "POST",
            "/files/" + agent + "/upload",
            "Content-Type: multipart/form-data; boundary="
                + BOUNDARY
                + "\r\nContent-Length: 60000000\r\n");
    assertTrue(declared.startsWith("HTTP/1.1 413 "), declared);
    assertTrue(declared.contains("{\"detail\":\"Request body too large\"}"), declared);
    assertEquals(0, stub.requests("POST").size());

    byte[] large = new byte[(50 << 20) + 1];
    HttpRequest request =
        uploading()
            .POST(
                HttpRequest.BodyPublishers.concat(
                    HttpRequest.BodyPublishers.ofString(partHead("a")),
                    HttpRequest.BodyPublishers.ofByteArray(large),
                    HttpRequest.BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")))
            .build();
    try {
      assertEquals(413, api.http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    } catch (IOException _) {
      // The server closes while the client may still send.
    }
    TestApi.await(TestApi.DEADLINE, () -> !seen(end).isEmpty());
    assertFalse(seen(end).endsWith("--\r\n"));
  }

  @Test
  void b18NothingIsReadOfSomebodyWhoIsNotSignedIn() throws Exception {
    assertEquals(401, api.post("/agents/", null, "{not json").statusCode());
    assertEquals(401, api.post("/chat/" + agent, null, "{not json").statusCode());
    // The answer comes though the body never does.
    String answer =
        raw(
            "POST",
            "/files/" + agent + "/upload",
            "Authorization: Bearer x.y.z\r\nContent-Length: 40000000\r\n",
            false);
    assertTrue(answer.startsWith("HTTP/1.1 401 "), answer);
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    return api.call("GET", "/files/" + agent + path, ada.access(), null, headers);
  }

  private HttpRequest.Builder uploading() {
    return HttpRequest.newBuilder(api.uri("/files/" + agent + "/upload"))
        .timeout(TestApi.DEADLINE)
        .header("Authorization", "Bearer " + ada.access())
        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY);
  }

  private HttpResponse<String> upload(String body) throws Exception {
    return api.http.send(
        uploading().POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String seen(AtomicReference<String> text) {
    return String.valueOf(text.get());
  }

  private static String partHead(String name) {
    return "--"
        + BOUNDARY
        + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + name
        + "\"\r\nContent-Type: text/plain\r\n\r\n";
  }

  private static String form(String name, String content, Optional<String> folder) {
    String path =
        folder
            .map(f ->
                "\r\n--"
                    + BOUNDARY
                    + "\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n"
                    + f)
            .orElse("");
    return partHead(name) + content + path + "\r\n--" + BOUNDARY + "--\r\n";
  }

  private Socket request(String method, String path, String lines) throws IOException {
    return request(method, path, "Authorization: Bearer " + ada.access() + "\r\n" + lines, true);
  }

  private Socket request(String method, String path, String lines, boolean small)
      throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.server.port());
    if (small) {
      socket.setReceiveBufferSize(64 * 1024);
    }
    socket.setSoTimeout((int) TestApi.DEADLINE.toMillis());
    socket
        .getOutputStream()
        .write(
            (method
                    + " /api/v1"
                    + path
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + lines
                    + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** The head and, where there is one, the JSON body of an answer. */
  private String raw(String method, String path) throws IOException {
    return raw(method, path, "");
  }

  private String raw(String method, String path, String lines) throws IOException {
    return raw(method, path, "Authorization: Bearer " + ada.access() + "\r\n" + lines, true);
  }

  private String raw(String method, String path, String lines, boolean small) throws IOException {
    try (Socket socket = request(method, path, lines, small)) {
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        answer.append((char) socket.getInputStream().read());
      }
      int length = answer.indexOf("Content-Length: ");
      if (length >= 0 && !method.equals("HEAD")) {
        int count =
            Integer.parseInt(answer.substring(length + 16, answer.indexOf("\r\n", length)).strip());
        answer.append(
            new String(socket.getInputStream().readNBytes(count), StandardCharsets.UTF_8));
      }
      return answer.toString();
    }
  }

  /** Waits until nothing more is taken, and checks that it was not the whole. */
  private static void assertStalls(AtomicLong sent) throws Exception {
    AtomicLong before = new AtomicLong(-1);
    AtomicLong since = new AtomicLong(System.nanoTime());
    TestApi.await(
        TestApi.DEADLINE,
        () -> {
          long now = sent.get();
          if (now != before.getAndSet(now)) {
            since.set(System.nanoTime());
          }
          boolean rests = System.nanoTime() - since.get() > TimeUnit.MILLISECONDS.toNanos(400);
          return now > 0 && (rests || now == LARGE);
        });
    assertTrue(sent.get() < BUFFERED_MAX, "taken without a reader: " + sent.get());
  }

  private static void assertHeader(String value, HttpResponse<String> answer, String name) {
    assertEquals(Optional.of(value), answer.headers().firstValue(name), name);
  }

  private static void assertAnswer(int status, String detail, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals("{\"detail\":\"" + detail + "\"}", answer.body());
  }
}
