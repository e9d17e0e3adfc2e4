package ai.liberclaw.core.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real server, asked over real connections. */
class RouterTest {
  private static final int BODY_BYTES_MAX = 1000;
  private static final int STREAM_BYTES = 20 * 1024 * 1024;
  private static final int PIECE_BYTES = 50 * 1024;

  private static WebServer server;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() {
    Router router =
        new Router((status, message) -> Json.object().put("detail", message))
            .before(exchange -> {
              exchange.header("X-Before", "ran");
              return true;
            })
            .get(
                "/items/{name}",
                exchange -> exchange.send(Json.object().put("name", exchange.path("name"))))
            .post(
                "/items/{name}",
                exchange -> {
                  Fields body = exchange.json(BODY_BYTES_MAX);
                  String text = body.text("text", 1, 5);
                  body.text("token", 1, 5);
                  body.check();
                  exchange.send(201, Json.object().put("text", text));
                })
            .get(
                "/files/{path...}",
                exchange -> exchange.send(Json.object().put("path", exchange.path("path"))))
            .get(
                "/ids/{id}",
                exchange -> exchange.send(Json.object().put("id", exchange.uuid("id").toString())))
            .get(
                "/limit",
                exchange ->
                    exchange.send(Json.object().put("n", exchange.queryInteger("n", 5, 1, 10))))
            .get(
                "/refused",
                exchange -> {
                  throw new Refusal(429, "Too many", Map.of("Retry-After", "7"));
                })
            .get(
                "/broken",
                exchange -> {
                  throw new IllegalStateException("sk-secret in /etc/passwd");
                })
            .get(
                "/disk",
                exchange -> {
                  throw new IOException("sk-secret in /etc/passwd");
                })
            .get(
                "/stream",
                exchange -> {
                  Random random = new Random(1);
                  byte[] piece = new byte[PIECE_BYTES];
                  try (OutputStream out = exchange.stream("application/octet-stream")) {
                    for (int sent = 0; sent < STREAM_BYTES; sent += PIECE_BYTES) {
                      random.nextBytes(piece);
                      out.write(piece, 0, Math.min(PIECE_BYTES, STREAM_BYTES - sent));
                      out.flush();
                    }
                  }
                })
            .get(
                "/cut",
                exchange -> {
                  OutputStream out = exchange.stream("text/plain");
                  out.write("half".getBytes(UTF_8));
                  out.flush();
                  throw new IllegalStateException("sk-secret");
                });
    server =
        Listener.of(
                "127.0.0.1",
                0,
                2 * BODY_BYTES_MAX,
                Duration.ofSeconds(1),
                router,
                (status, message) -> Json.object().put("detail", message))
            .build()
            .start();
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  @Test
  void aRouteAnswersAndSegmentsAreDecodedOnce() throws Exception {
    HttpResponse<String> response = get("/items/a%2Fb+c%2520%C3%A9");
    assertEquals(200, response.statusCode());
    assertEquals("{\"name\":\"a/b+c%20é\"}", response.body());
    assertEquals("application/json", header(response, "Content-Type"));
    assertEquals("ran", header(response, "X-Before"));
    assertTrue(header(response, "X-Request-Id").matches("[0-9a-f]{16}"));
    assertEquals("{\"path\":\"a/b/../c d\"}", raw("GET", "/files/a/b%2F..%2Fc%20d").body());
    assertEquals(200, get("/items/a/").statusCode());
  }

  @Test
  void anUnknownPathIs404() throws Exception {
    for (String path : new String[] {"/", "/nothing", "/items", "/items/", "/items/a/b", "//x"}) {
      HttpResponse<String> response = get(path);
      assertEquals(404, response.statusCode(), path);
      assertEquals("{\"detail\":\"Not Found\"}", response.body());
      assertEquals("ran", header(response, "X-Before"));
    }
  }

  @Test
  void aKnownPathWithAnotherMethodIs405WithAllow() throws Exception {
    HttpResponse<String> response = raw("DELETE", "/items/a");
    assertEquals(405, response.statusCode());
    assertEquals("{\"detail\":\"Method Not Allowed\"}", response.body());
    assertEquals("GET, HEAD, POST", header(response, "Allow"));
  }

  @Test
  void headHasTheHeadersOfGetAndNoBody() throws Exception {
    try (Socket socket = connect()) {
      // Two requests on one connection: a body sent by mistake would be read as the next answer.
      String head = "HEAD /items/a HTTP/1.1\r\nHost: x\r\n\r\n";
      String get = "GET /items/bc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write((head + get).getBytes(UTF_8));
      socket.shutdownOutput();
      String answers = new String(socket.getInputStream().readAllBytes(), UTF_8);
      String first = answers.substring(0, answers.indexOf("\r\n\r\n"));
      assertTrue(first.contains("Content-Length: 12"), answers);
      String rest = answers.substring(answers.indexOf("\r\n\r\n") + 4);
      assertTrue(rest.startsWith("HTTP/1.1 200"), answers);
    }
  }

  @Test
  void malformedPercentEncodingIsAClientError() throws Exception {
    for (String path : new String[] {"/items/%", "/items/%zz", "/items/%4", "/%zz"}) {
      String answer =
          rawRequest("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 40"), answer);
      assertTrue(answer.contains("{\"detail\":\""), answer);
      assertFalse(answer.contains("Exception"), answer);
    }
  }

  @Test
  void invalidBodiesAre422WithEveryFault() throws Exception {
    HttpResponse<String> response = post("/items/a", "{\"text\":\"toolong\",\"token\":7}");
    assertEquals(422, response.statusCode());
    JsonNode detail = Json.parse(response.body()).get("detail");
    assertEquals(2, detail.size());
    assertEquals("string_too_long", detail.get(0).get("type").asText());
    assertEquals("[\"body\",\"text\"]", detail.get(0).get("loc").toString());
    assertEquals("String should have at most 5 characters", detail.get(0).get("msg").asText());
    assertEquals("toolong", detail.get(0).get("input").asText());
    assertEquals(5, detail.get(0).get("ctx").get("max_length").asInt());
    // A secret is never echoed.
    assertTrue(detail.get(1).get("input").isNull(), response.body());
    assertEquals("missing", type(post("/items/a", "")));
    assertEquals("json_invalid", type(post("/items/a", "{\"text\"")));
    assertEquals("model_attributes_type", type(post("/items/a", "[]")));
    assertEquals("string_unicode", type(post("/items/a", "{\"text\":\"\\ud800\"}")));
    assertEquals(201, post("/items/a", "{\"text\":\"🦀🦀🦀🦀🦀\",\"token\":\"t\"}").statusCode());
  }

  @Test
  void parametersOfTheWrongShapeAre422() throws Exception {
    assertEquals("uuid_parsing", type(get("/ids/1")));
    assertEquals("int_parsing", type(get("/limit?n=x")));
    assertEquals("less_than_equal", type(get("/limit?n=11")));
    assertEquals(
        "{\"le\":10}", Json.parse(get("/limit?n=11").body()).at("/detail/0/ctx").toString());
    assertEquals("greater_than_equal", type(get("/limit?n=0")));
    assertEquals("{\"n\":5}", get("/limit").body());
  }

  @Test
  void aBodyOverTheRoutesLimitIs413() throws Exception {
    String body = "{\"text\":\"" + "x".repeat(BODY_BYTES_MAX) + "\"}";
    HttpResponse<String> declared = post("/items/a", body);
    assertEquals(413, declared.statusCode());
    assertEquals("{\"detail\":\"Request body too large\"}", declared.body());
    String chunked =
        rawRequest(
            "POST /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(body.length())
                + "\r\n"
                + body
                + "\r\n0\r\n\r\n");
    assertTrue(chunked.startsWith("HTTP/1.1 413"), chunked);
  }

  @Test
  void aBodyOverTheServersLimitIs413InTheSameWords() throws Exception {
    String answer =
        rawRequest("POST /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
    assertTrue(answer.endsWith("{\"detail\":\"Request body too large\"}"), answer);
  }

  @Test
  void aRequestLineOrHeadersOverTheLimitAreRefusedByItsName() throws Exception {
    String get = "GET /items/a HTTP/1.1\r\nHost: x\r\n";
    for (String headers :
        List.of(
            "X: " + "x".repeat(33 * 1024) + "\r\n",
            "x".repeat(33 * 1024) + ": y\r\n",
            "X: y\r\n".repeat(33 * 1024),
            "X: " + "x".repeat(4 << 20) + "\r\n")) {
      String answer = untilClosed(get + headers + "\r\n" + get + "\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 431 "), answer);
      assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
      assertTrue(
          answer.endsWith("{\"detail\":\"Request headers too large: at most 32 KiB\"}"), answer);
    }
    String line = untilClosed(get.replace("/a", "/" + "a".repeat(9 * 1024)) + "\r\n");
    assertTrue(line.startsWith("HTTP/1.1 414 "), line);
    assertTrue(line.endsWith("{\"detail\":\"Request line too long: at most 8 KiB\"}"), line);
    String malformed = untilClosed(get + "no colon\r\n\r\n");
    assertTrue(malformed.startsWith("HTTP/1.1 400 "), malformed);
    assertTrue(malformed.endsWith("{\"detail\":\"Bad Request\"}"), malformed);
    String most = rawRequest(get + "X: " + "x".repeat(31 * 1024) + "\r\n\r\n");
    assertTrue(most.startsWith("HTTP/1.1 200 "), most);
  }

  @Test
  void anUnreadBodyIsNeverTakenForTheNextRequest() throws Exception {
    String inner = "GET /ids/inner HTTP/1.1\r\nHost: x\r\n\r\n";
    String next = "GET /refused HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (String line : List.of("POST /nothing", "PUT /refused", "GET /refused", "POST /refused")) {
      String head = line + " HTTP/1.1\r\nHost: x\r\n";
      String declared =
          rawRequest(head + "Content-Length: " + inner.length() + "\r\n\r\n" + inner + next);
      assertEquals(2, declared.split("HTTP/1.1 ", -1).length - 1, declared);
      assertTrue(declared.contains("429"), "the connection lives on: " + declared);
      String chunked =
          rawRequest(
              head
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + Integer.toHexString(inner.length())
                  + "\r\n"
                  + inner
                  + "\r\n0\r\n\r\n");
      assertEquals(1, chunked.split("HTTP/1.1 ", -1).length - 1, chunked);
    }
  }

  @Test
  void aBodyWhoseEndIsAmbiguousIs400AndTheLastOfItsConnection() throws Exception {
    String next = "GET /refused HTTP/1.1\r\nHost: x\r\n\r\n";
    for (String headers :
        List.of(
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\nContent-Length: 50\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: -5\r\n",
            "Content-Length: +5\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) {
      String answer =
          rawRequest("POST /items/a HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n0\r\n\r\n" + next);
      assertTrue(answer.startsWith("HTTP/1.1 400 "), headers + answer);
      assertTrue(answer.endsWith("{\"detail\":\"Bad Request\"}"), headers + answer);
    }
  }

  @Test
  void aChunkOfNoLengthIs400AndNoFailureOfTheServer() throws Exception {
    for (String chunk : List.of("zz\r\n\r\n", "--x\r\n", "ffffffffff\r\nx")) {
      String answer =
          rawRequest(
              "POST /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
      assertTrue(answer.startsWith("HTTP/1.1 400 "), chunk + answer);
      assertTrue(answer.endsWith("{\"detail\":\"Bad Request\"}"), chunk + answer);
    }
  }

  @Test
  void aClientThatLeavesInsideItsBodyIsNoFailureOfTheServer() throws Exception {
    BlockingQueue<String> failures = new LinkedBlockingQueue<>();
    Handler log =
        new Handler() {
          @Override
          public void publish(LogRecord event) {
            if (event.getLevel().intValue() >= Level.WARNING.intValue()) {
              failures.add(event.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    root.addHandler(log);
    try {
      for (String framing : List.of("Content-Length: 50", "Transfer-Encoding: chunked")) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
          socket
              .getOutputStream()
              .write(
                  ("POST /items/a HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n5\r\n{")
                      .getBytes(UTF_8));
          socket.shutdownOutput();
          socket.setSoTimeout(20_000);
          assertEquals("", new String(socket.getInputStream().readAllBytes(), UTF_8));
        }
      }
      assertEquals(List.of(), List.copyOf(failures));
    } finally {
      root.removeHandler(log);
    }
  }

  @Test
  void aRefusalKeepsItsStatusWordsAndHeaders() throws Exception {
    HttpResponse<String> response = get("/refused");
    assertEquals(429, response.statusCode());
    assertEquals("{\"detail\":\"Too many\"}", response.body());
    assertEquals("7", header(response, "Retry-After"));
  }

  @Test
  void anUnexpectedFailureTellsAnIdAndNothingElse() throws Exception {
    for (String path : new String[] {"/broken", "/disk"}) {
      HttpResponse<String> response = get(path);
      assertEquals(500, response.statusCode());
      assertEquals("{\"detail\":\"Internal Server Error\"}", response.body());
      assertTrue(header(response, "X-Request-Id").matches("[0-9a-f]{16}"));
      assertFalse(response.headers().toString().contains("secret"));
    }
  }

  @Test
  void aStreamThatFailsIsCutNotEnded() throws Exception {
    String answer = rawRequest("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
    assertTrue(answer.contains("half"), answer);
    // The last chunk would say that this was all.
    assertFalse(answer.endsWith("0\r\n\r\n"), answer);
    assertFalse(answer.contains("secret"), answer);
  }

  @Test
  void aSlowReaderGetsEveryByte() throws Exception {
    HttpResponse<InputStream> response =
        CLIENT.send(request("/stream").build(), BodyHandlers.ofInputStream());
    MessageDigest received = MessageDigest.getInstance("SHA-256");
    long count = 0;
    try (InputStream in = new DigestInputStream(response.body(), received)) {
      byte[] buffer = new byte[256 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        count += read;
        // Slower than the server writes, so that its writes meet a full socket.
        LockSupport.parkNanos(1_000_000);
      }
    }
    assertEquals(STREAM_BYTES, count);
    MessageDigest sent = MessageDigest.getInstance("SHA-256");
    Random random = new Random(1);
    byte[] piece = new byte[PIECE_BYTES];
    for (int i = 0; i < STREAM_BYTES; i += PIECE_BYTES) {
      random.nextBytes(piece);
      sent.update(piece, 0, Math.min(PIECE_BYTES, STREAM_BYTES - i));
    }
    assertTrue(MessageDigest.isEqual(sent.digest(), received.digest()));
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return raw("GET", path);
  }

  private static HttpResponse<String> raw(String method, String path) throws Exception {
    return CLIENT.send(
        request(path).method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return CLIENT.send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static String rawRequest(String bytes) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(bytes.getBytes(UTF_8));
      socket.shutdownOutput();
      return answer(socket);
    }
  }

  /** Leaves it to the server to close the connection. */
  private static String untilClosed(String bytes) throws IOException {
    try (Socket socket = connect()) {
      try {
        socket.getOutputStream().write(bytes.getBytes(UTF_8));
      } catch (IOException e) {
        // Refused before it was sent to its end.
      }
      return answer(socket);
    }
  }

  private static String answer(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    StringBuilder answer = new StringBuilder();
    byte[] buffer = new byte[4096];
    InputStream in = socket.getInputStream();
    try {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        answer.append(new String(buffer, 0, read, UTF_8));
      }
    } catch (SocketException e) {
      // A reset after the answer is the server's way to refuse the rest of a body.
    }
    return answer.toString();
  }

  private static Socket connect() throws IOException {
    return new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port());
  }

  private static String type(HttpResponse<String> response) {
    assertEquals(422, response.statusCode(), response.body());
    return Json.parse(response.body()).get("detail").get(0).get("type").asText();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
