package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Files to an agent that does as it is told, over real sockets. */
class UploadRoutesTest extends FileRoutesCase {
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
}
