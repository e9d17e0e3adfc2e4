package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.process.Processes;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people and programs send by mistake or on purpose is refused clearly, at no cost. */
class BadInputIT {
  private static final int BODY_BYTES = 200 * 1024 * 1024;
  private static final long GROWTH_BYTES_MAX = 96L * 1024 * 1024;

  private static Platform platform;

  @BeforeAll
  static void start() throws Exception {
    platform = Platform.start();
  }

  @AfterAll
  static void stop() throws Exception {
    platform.close();
  }

  @Test
  void badInputIsRefusedInTheRightShape() throws Exception {
    Guest guest = Guest.signIn(platform);
    String agent = guest.create("Ada");
    String foreign = Guest.signIn(platform).create("Eve");
    guest.awaitRunning(agent);

    for (Case wrong :
        List.of(
            new Case("POST", "/agents/", "", 422, "missing"),
            new Case("POST", "/agents/", "{", 422, "json_invalid"),
            new Case("POST", "/agents/", "[]", 422, "model_attributes_type"),
            new Case("POST", "/agents/", "{\"name\":1}", 422, "string_type"),
            new Case("POST", "/agents/", named(""), 422, "string_too_short"),
            new Case("POST", "/agents/", named("x".repeat(101)), 422, "string_too_long"),
            new Case("POST", "/agents/", "{\"name\":\"A\\u0000\"}", 422, "string_unicode"),
            new Case("POST", "/agents/", "{\"name\":\"\\ud800\"}", 422, "string_unicode"),
            new Case("POST", "/agents/", "[".repeat(5000), 422, "json_invalid"),
            new Case("POST", "/chat/" + agent, "{\"message\":\"\"}", 422, "string_too_short"),
            new Case("POST", "/chat/" + agent, "{\"message\":[1]}", 422, "string_type"),
            new Case("GET", "/chat/" + agent + "/stream?after=-1", "", 422, "greater_than_equal"),
            new Case("GET", "/chat/" + agent + "/stream?after=x", "", 422, "int_parsing"),
            new Case("GET", "/agents/not-a-uuid", "", 422, "uuid_parsing"))) {
      HttpResponse<String> response =
          guest.call(wrong.method, wrong.path, wrong.body.isEmpty() ? null : wrong.body);
      assertEquals(wrong.status, response.statusCode(), wrong + " " + response.body());
      JsonNode fault = Json.parse(response.body()).get("detail").get(0);
      assertEquals(wrong.type, fault.get("type").textValue(), wrong + " " + response.body());
      assertTrue(fault.has("loc") && fault.has("msg"), response.body());
    }

    for (String path :
        List.of(
            "/agents/" + foreign,
            "/agents/" + foreign + "/status",
            "/agents/" + UUID.randomUUID(),
            "/chat/" + foreign + "/history",
            "/chat/" + foreign + "/stream",
            "/chat/" + UUID.randomUUID() + "/pending")) {
      HttpResponse<String> response = guest.call("GET", path, null);
      assertEquals(404, response.statusCode(), path);
      assertEquals("{\"detail\":\"Agent not found\"}", response.body(), path);
    }
    for (String path :
        List.of("/agents/..%2f" + agent, "/agents/%2e%2e/health", "/agents//", "/nothing")) {
      HttpResponse<String> response = guest.call("GET", path, null);
      assertTrue(
          response.statusCode() == 404 || response.statusCode() == 422,
          path + " " + response.statusCode());
      assertFalse(response.body().contains("Exception"), response.body());
    }
    HttpResponse<String> wrongMethod = guest.call("PUT", "/agents/" + agent, "{}");
    assertEquals(405, wrongMethod.statusCode());
    assertTrue(wrongMethod.headers().firstValue("Allow").orElse("").contains("PATCH"));
  }

  @Test
  void headersOverTheLimitAreRefusedByItsName() throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), platform.uri("/").getPort())) {
      socket.setSoTimeout(20_000);
      String cookie = "Cookie: a=" + "x".repeat(33 * 1024) + "\r\n";
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/users/me HTTP/1.1\r\nHost: localhost\r\n" + cookie + "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 431 "), answer);
      assertTrue(
          answer.endsWith("{\"detail\":\"Request headers too large: at most 32 KiB\"}"), answer);
    }
  }

  @Test
  void a200MegabyteBodyIsRefusedWithFlatMemory() throws Exception {
    Guest guest = Guest.signIn(platform);
    guest.get("/users/me");
    long before = Processes.residentBytes(platform.api().pid());
    for (String path : List.of("/auth/guest", "/auth/refresh", "/auth/login/email")) {
      for (boolean chunked : new boolean[] {false, true}) {
        String answer = push(platform, path, chunked);
        assertTrue(answer.startsWith("HTTP/1.1 413 "), path + " " + answer);
        assertTrue(answer.contains("{\"detail\":\"Request body too large\"}"), answer);
      }
    }
    long growth = Processes.residentBytes(platform.api().pid()) - before;
    assertTrue(growth < GROWTH_BYTES_MAX, "grew by " + growth + " bytes");
    guest.get("/users/me");
  }

  /** Sends until the server answers or hangs up, and returns its answer. */
  private static String push(Platform platform, String path, boolean chunked) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), platform.uri("/").getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      String length =
          chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + BODY_BYTES + "\r\n";
      out.write(
          ("POST /api/v1"
                  + path
                  + " HTTP/1.1\r\nHost: localhost\r\n"
                  + "Content-Type: application/json\r\n"
                  + length
                  + "\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      byte[] piece = new byte[64 * 1024];
      Arrays.fill(piece, (byte) 'x');
      byte[] head =
          (Integer.toHexString(piece.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      InputStream in = socket.getInputStream();
      try {
        for (int sent = 0; sent < BODY_BYTES && in.available() == 0; sent += piece.length) {
          if (chunked) {
            out.write(head);
          }
          out.write(piece);
          if (chunked) {
            out.write('\r');
            out.write('\n');
          }
        }
      } catch (IOException _) {
        // The server has closed; its answer may still be readable.
      }
      try {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "no answer: " + e.getMessage();
      }
    }
  }

  private static String named(String name) {
    return Json.object().put("name", name).put("system_prompt", "p").toString();
  }

  private record Case(String method, String path, String body, int status, String type) {}
}
