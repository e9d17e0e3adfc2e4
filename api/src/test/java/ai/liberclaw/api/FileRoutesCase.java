package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.agent.StubAgent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** An agent that does as it is told, and a client of its files, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Postgres.Extension.class)
abstract class FileRoutesCase {
  static final String BOUNDARY = "client-boundary";

  static final int LARGE = 40 << 20;

  /** More than all socket buffers on the way can hold, and far less than the file. */
  static final int BUFFERED_MAX = 24 << 20;

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

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return api.call("GET", "/files/" + agent + path, ada.access(), null, headers);
  }

  HttpRequest.Builder uploading() {
    return HttpRequest.newBuilder(api.uri("/files/" + agent + "/upload"))
        .timeout(TestApi.DEADLINE)
        .header("Authorization", "Bearer " + ada.access())
        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY);
  }

  HttpResponse<String> upload(String body) throws Exception {
    return api.http.send(
        uploading().POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static String seen(AtomicReference<String> text) {
    return String.valueOf(text.get());
  }

  static String partHead(String name) {
    return "--"
        + BOUNDARY
        + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + name
        + "\"\r\nContent-Type: text/plain\r\n\r\n";
  }

  static String form(String name, String content, Optional<String> folder) {
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

  Socket request(String method, String path, String lines) throws IOException {
    return request(method, path, "Authorization: Bearer " + ada.access() + "\r\n" + lines, true);
  }

  Socket request(String method, String path, String lines, boolean small) throws IOException {
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
  String raw(String method, String path) throws IOException {
    return raw(method, path, "");
  }

  String raw(String method, String path, String lines) throws IOException {
    return raw(method, path, "Authorization: Bearer " + ada.access() + "\r\n" + lines, true);
  }

  String raw(String method, String path, String lines, boolean small) throws IOException {
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
  static void assertStalls(AtomicLong sent) throws Exception {
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

  static void assertHeader(String value, HttpResponse<String> answer, String name) {
    assertEquals(Optional.of(value), answer.headers().firstValue(name), name);
  }

  static void assertAnswer(int status, String detail, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals("{\"detail\":\"" + detail + "\"}", answer.body());
  }
}
