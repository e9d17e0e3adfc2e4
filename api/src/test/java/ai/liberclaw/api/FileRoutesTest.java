package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.db.platform.Tables;
import ai.liberclaw.testkit.agent.StubAgent;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Files of an agent that does as it is told, over real sockets. */
class FileRoutesTest extends FileRoutesCase {
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
}
