package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import ai.liberclaw.testkit.process.ServerProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and programs send the agent by mistake or on purpose is refused, at no cost. */
class BadInputIT {
  private static final int BIG_BODY_BYTES = 200 << 20;
  private static final long GROWTH_BYTES_MAX = 96L << 20;
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String MULTIPART = "Content-Type: multipart/form-data; boundary=b\r\n";
  private static final String AUTHORIZED = "Authorization: Bearer " + TestAgent.SECRET + "\r\n";

  @TempDir static Path folder;
  private static int port;
  private static ServerProcess agent;

  @BeforeAll
  static void start() {
    port = ServerProcess.freePort();
    Map<String, String> environment = TestAgent.environment(folder);
    environment.put("PORT", Integer.toString(port));
    agent = ServerProcess.startJar(Path.of("target/agent.jar"), environment, folder);
    Await.until(
        "the agent listens", TestAgent.WAIT_MAX, () -> agent.log().contains("agent.started"));
  }

  @AfterAll
  static void stop() {
    agent.close();
  }

  @AfterEach
  void isUnimpressed() throws IOException {
    assertTrue(exchange("GET /health HTTP/1.1\r\nHost: x\r\n\r\n").startsWith("HTTP/1.1 200 "));
    String log = agent.log();
    assertFalse(log.contains("request.failed") || log.contains("\tat "), log);
    assertFalse(log.contains(TestAgent.SECRET), log);
  }

  private record Case(String request, String body, int status, String answer) {}

  @Test
  void bodiesOfTheWrongShapeAre422() throws Exception {
    for (Case wrong :
        List.of(
            new Case("POST /chat", "", 422, "missing"),
            new Case("POST /chat", "{", 422, "json_invalid"),
            new Case("POST /chat", "[".repeat(5000), 422, "json_invalid"),
            new Case("POST /chat", "[]", 422, "model_attributes_type"),
            new Case("POST /chat", "null", 422, "model_attributes_type"),
            new Case("POST /chat", "{\"chat_id\":\"c\"}", 422, "missing"),
            new Case("POST /chat", "{\"message\":\"m\"}", 422, "missing"),
            new Case("POST /chat", message("\" \\n\\t\""), 422, ""),
            new Case("POST /chat", message("\"\""), 422, ""),
            new Case("POST /chat", message("17"), 422, ""),
            new Case("POST /chat", message("{}"), 422, ""),
            new Case("POST /chat", message("\"\\u0000\""), 422, "string_unicode"),
            new Case("POST /chat", message("\"\\ud800\""), 422, "string_unicode"),
            new Case("POST /chat", "{\"message\":\"m\",\"chat_id\":\"\"}", 422, ""),
            new Case("POST /chat", "{\"message\":\"m\",\"chat_id\":1}", 422, "string_type"),
            new Case(
                "POST /chat",
                "{\"message\":\"m\",\"chat_id\":\"__heartbeat__\"}",
                422,
                "value_error"),
            new Case("GET /chat/c/history?limit=x", "", 422, "int_parsing"),
            new Case("GET /chat/c/stream?after=-1", "", 422, "greater_than_equal"),
            new Case("GET /workspace/tree?max_depth=1e3", "", 422, "int_parsing"),
            new Case("POST /files/upload", "{}", 422, "missing"))) {
      RawAnswer answer = send(wrong.request, AUTHORIZED + JSON, wrong.body);
      assertEquals(wrong.status, answer.status(), wrong + " " + answer);
      JsonNode fault = Json.parse(answer.body()).path("detail").path(0);
      assertTrue(fault.path("type").asText().contains(wrong.answer), wrong + " " + answer);
      assertTrue(fault.path("loc").isArray() && fault.has("msg"), answer.toString());
    }
  }

  @Test
  void withoutTheSecretEveryPathButHealthIs401() throws Exception {
    for (String request :
        List.of("GET /pending", "GET /nothing", "POST /chat", "PUT /chat", "GET /files/a")) {
      for (String header : List.of("", "Authorization: Bearer \u00ff\u00fe\r\n")) {
        RawAnswer answer = send(request, header, "");
        assertEquals(401, answer.status(), request + answer);
        assertEquals("{\"error\":\"unauthorized\"}", answer.body());
      }
    }
    assertEquals(404, send("GET /nothing", AUTHORIZED, "").status());
    assertEquals(405, send("PUT /chat", AUTHORIZED, "").status());
  }

  @Test
  void noPathLeadsOutOfTheWorkspace() throws Exception {
    Files.writeString(folder.resolve("outside"), "private");
    Path workspace = TestAgent.workspace(folder);
    Files.createSymbolicLink(workspace.resolve("link"), folder);
    Files.createSymbolicLink(workspace.resolve("loop"), Path.of("loop"));
    for (String path :
        List.of(
            "../outside",
            "%2e%2e/outside",
            "..%2foutside",
            "a/../../outside",
            "link/outside",
            "%2Fetc%2Fpasswd",
            "loop",
            "a%00b",
            "",
            ".env",
            "memory",
            "x/agent.db")) {
      RawAnswer answer = send("GET /files/" + path, AUTHORIZED, "");
      assertTrue(answer.status() == 403 || answer.status() == 404, path + answer);
      assertFalse(answer.body().contains("private"), answer.body());
      assertFalse(answer.body().contains(folder.toString()), answer.body());
    }
    for (String target : List.of("..", "../x", "/etc", "link", "a/../..")) {
      RawAnswer answer = send("POST /files/upload", AUTHORIZED + MULTIPART, upload(target, "f"));
      assertEquals(403, answer.status(), target + answer);
    }
    for (String name : List.of("..", ".", "", "a/..", "..\\\\..", ".env", "AGENT.DB")) {
      RawAnswer answer = send("POST /files/upload", AUTHORIZED + MULTIPART, upload("up", name));
      assertTrue(answer.status() == 400 || answer.status() == 422, name + answer);
    }
    RawAnswer kept =
        send("POST /files/upload", AUTHORIZED + MULTIPART, upload("up", "../../../evil.txt"));
    assertEquals("up/evil.txt", Json.parse(kept.body()).path("path").asText(), kept.toString());
    assertFalse(Files.exists(folder.resolve("evil.txt")));
  }

  @Test
  void malformedRequestsAreRefusedOrCut() throws Exception {
    String big = "x".repeat(1 << 20);
    for (String request :
        List.of(
            "GET /health HTTP/1.1\r\nHost: x\r\nX: " + big + "\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(20_000) + "\r\n",
            "GET /" + big + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /health HTTP/1.1\r\n\r\n",
            "GET /health?%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /files/%zz HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED + "\r\n",
            "HELLO\r\n\r\n",
            "\u0000\u0001\u00ff\r\n\r\n",
            "POST /chat HTTP/1.1\r\nHost: x\r\n"
                + AUTHORIZED
                + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /chat HTTP/1.1\r\nHost: x\r\n"
                + AUTHORIZED
                + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            "POST /files/upload HTTP/1.1\r\nHost: x\r\n"
                + AUTHORIZED
                + MULTIPART
                + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n")) {
      String answer = exchange(request);
      assertTrue(
          answer.isEmpty() || answer.startsWith("HTTP/1.1 4"),
          request.substring(0, Math.min(200, request.length())) + answer);
      assertFalse(answer.contains("Exception"), answer);
    }
  }

  @Test
  void headersOverTheLimitAreRefusedByItsName() throws Exception {
    String big = "X: " + "x".repeat(33 * 1024) + "\r\n";
    assertRefused(
        exchange("GET /health HTTP/1.1\r\nHost: x\r\n" + big + "\r\n"),
        431,
        "{\"error\":\"Request headers too large: at most 32 KiB\"}");
  }

  @Test
  void bodiesThatEndEarlyLeaveNothingBehind() throws Exception {
    for (String head :
        List.of(
            "POST /chat HTTP/1.1\r\n" + JSON + "Content-Length: 100\r\n",
            "POST /chat HTTP/1.1\r\n" + JSON + "Transfer-Encoding: chunked\r\n",
            "POST /files/upload HTTP/1.1\r\n" + MULTIPART + "Content-Length: 1000\r\n",
            "POST /nothing HTTP/1.1\r\n" + JSON + "Content-Length: 100\r\n")) {
      String half =
          "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhalf";
      String answer = exchange(head + "Host: x\r\n" + AUTHORIZED + "\r\n" + half);
      assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
    }
    try (Stream<Path> files = Files.walk(TestAgent.workspace(folder))) {
      assertTrue(files.noneMatch(f -> f.getFileName().toString().startsWith(".draft")));
    }
  }

  @Test
  void bigBodiesAreRefusedWithFlatMemory() throws Exception {
    exchange("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    long before = Processes.residentBytes(agent.pid());
    String tooLarge = "{\"error\":\"Request body too large\"}";
    String fileTooLarge = "{\"error\":\"File too large (50MB max)\"}";
    for (boolean chunked : new boolean[] {false, true}) {
      assertRefused(push("/chat", AUTHORIZED + JSON, "", chunked), 413, tooLarge);
      String part = upload("up", "big").split("content", 2)[0];
      String pushed = push("/files/upload", AUTHORIZED + MULTIPART, part, chunked);
      assertRefused(pushed, 413, fileTooLarge);
      assertRefused(push("/chat", JSON, "", chunked), 401, "{\"error\":\"unauthorized\"}");
      assertRefused(
          push("/nothing", AUTHORIZED + JSON, "", chunked), 404, "{\"detail\":\"Not Found\"}");
    }
    String announced =
        exchange(
            "POST /files/upload HTTP/1.1\r\nHost: x\r\n"
                + AUTHORIZED
                + MULTIPART
                + "Content-Length: "
                + (60 << 20)
                + "\r\n\r\n");
    assertRefused(announced, 413, fileTooLarge);
    long growth = Processes.residentBytes(agent.pid()) - before;
    assertTrue(growth < GROWTH_BYTES_MAX, "grew by " + growth + " bytes");
    assertFalse(Files.exists(TestAgent.workspace(folder).resolve("up/big")));
  }

  private static void assertRefused(String answer, int status, String body) {
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    assertTrue(answer.endsWith(body), answer);
  }

  private record RawAnswer(int status, String body) {}

  private static String message(String value) {
    return "{\"chat_id\":\"c\",\"message\":" + value + "}";
  }

  private static String upload(String target, String fileName) {
    return "--b\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n"
        + target
        + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + fileName
        + "\"\r\n\r\ncontent\r\n--b--\r\n";
  }

  private RawAnswer send(String request, String headers, String body) throws IOException {
    String answer =
        exchange(
            request
                + " HTTP/1.1\r\nHost: x\r\n"
                + headers
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
    String[] parts = answer.split("\r\n\r\n", 2);
    assertEquals(2, parts.length, request + " was not answered: " + answer);
    return new RawAnswer(Integer.parseInt(answer.split(" ", 3)[1]), parts[1]);
  }

  /** Sends these bytes and no more; returns what comes back until the server closes. */
  private String exchange(String bytes) throws IOException {
    try (Socket socket = connect()) {
      try {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.shutdownOutput();
      } catch (IOException _) {
        // Refused before it was sent to its end.
      }
      return answer(socket);
    }
  }

  /** Sends a big body until the server answers or hangs up, and returns its answer. */
  private String push(String path, String headers, String start, boolean chunked)
      throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      String framing =
          chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + BIG_BODY_BYTES + "\r\n";
      String head = "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + framing + "\r\n";
      byte[] piece = new byte[64 * 1024];
      Arrays.fill(piece, (byte) 'x');
      InputStream in = socket.getInputStream();
      try {
        out.write(ascii(head));
        write(out, ascii(start), chunked && !start.isEmpty());
        for (int sent = 0; sent < BIG_BODY_BYTES && in.available() == 0; sent += piece.length) {
          write(out, piece, chunked);
        }
      } catch (IOException _) {
        // The server has closed; its answer may still be readable.
      }
      return answer(socket);
    }
  }

  private static void write(OutputStream out, byte[] bytes, boolean chunked) throws IOException {
    if (chunked) {
      out.write(ascii(Integer.toHexString(bytes.length) + "\r\n"));
    }
    out.write(bytes);
    if (chunked) {
      out.write(ascii("\r\n"));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String answer(Socket socket) throws IOException {
    StringBuilder answer = new StringBuilder();
    byte[] buffer = new byte[8192];
    InputStream in = socket.getInputStream();
    try {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        answer.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException _) {
      // A reset after the answer is the server's way to refuse the rest of a body.
    }
    return answer.toString();
  }
}
