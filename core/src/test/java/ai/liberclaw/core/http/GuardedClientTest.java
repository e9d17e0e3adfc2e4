package ai.liberclaw.core.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.http.FetchException.Reason;
import ai.liberclaw.core.http.GuardedClient.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedClientTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Limits LIMITS = new Limits(Duration.ofSeconds(10), 1_000_000, 5);
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @Test
  void aPageOfAnExemptHostComesBackWhole() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) ->
            TinyServer.text(
                out,
                """
                HTTP/1.1 404 Nope
                Content-Type: Text/HTML; charset=ISO-8859-1
                X-More: yes
                Transfer-Encoding: chunked

                3
                abc
                2
                de
                0

                """
                    .replace("\n", "\r\n")))) {
      GuardedClient client = client("page.test:" + server.port());
      String url = "http://page.test:" + server.port() + "/a%2Fb/c+d?q=a%20b+c%26&e=%C3%A9#frag";
      try (GuardedResponse response =
          client.get(url, Map.of("X-Token", "t", "User-Agent", "claw"), LIMITS)) {
        assertEquals(404, response.status());
        assertEquals(Optional.of("text/html"), response.mediaType());
        assertEquals("ISO-8859-1", response.charset().orElseThrow().name());
        assertEquals(Optional.of("yes"), response.header("x-more"));
        assertEquals("abcde", new String(response.bytes(), UTF_8));
        assertEquals(url.replace("#frag", ""), response.uri().toString());
      }
      List<String> request = server.request();
      assertEquals("GET /a%2Fb/c+d?q=a%20b+c%26&e=%C3%A9 HTTP/1.1", request.getFirst());
      assertTrue(request.contains("Host: page.test:" + server.port()), request.toString());
      assertTrue(request.contains("X-Token: t"), request.toString());
      assertTrue(request.contains("User-Agent: claw"), request.toString());
      assertTrue(request.contains("Accept-Encoding: identity"), request.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/", "http://localhost:%d/", "http://2130706433:%d/",
        "http://0x7f.0.0.1:%d/", "http://0177.1:%d/", "http://[::1]:%d/",
        "http://[::ffff:127.0.0.1]:%d/", "http://0.0.0.0:%d/", "http://localhost.:%d/",
        "http://[64:ff9b::7f00:1]:%d/", "http://[2002:7f00:1::]:%d/"
      })
  void thisMachineIsNeverAsked(String form) throws Exception {
    try (TinyServer server = new TinyServer((request, socket, out) -> {})) {
      GuardedClient client = new GuardedClient(new AddressPolicy(List.of()));
      FetchException e = failure(client, form.formatted(server.port()), LIMITS);
      assertEquals(Reason.BLOCKED, e.reason());
      assertEquals("blocked address", e.getMessage());
      assertTrue(server.requests.isEmpty());
    }
  }

  @Test
  void w8OneBlockedAddressBlocksTheName() throws Exception {
    GuardedClient client =
        new GuardedClient(
            new AddressPolicy(List.of()),
            host -> List.of(InetAddress.ofLiteral("8.8.8.8"), LOOPBACK));
    assertEquals(Reason.BLOCKED, failure(client, "http://mixed.test/", LIMITS).reason());
  }

  @Test
  void w8TheConnectionGoesToTheAddressThatWasChecked() throws Exception {
    // 127.0.0.1 is checked, every later question is answered with an address where nobody is.
    AtomicInteger asked = new AtomicInteger();
    HostResolver rebinding =
        host -> List.of(asked.getAndIncrement() == 0 ? LOOPBACK : InetAddress.ofLiteral("::2"));
    try (TinyServer server =
        new TinyServer((request, socket, out) -> TinyServer.text(out, HELLO))) {
      GuardedClient client =
          new GuardedClient(new AddressPolicy(List.of("rebinding.test")), rebinding);
      String url = "http://rebinding.test:" + server.port() + "/";
      assertEquals("hello", body(client, url));
      assertEquals(1, asked.get());
    }
  }

  @Test
  void anotherAddressIsTriedWhenTheFirstDoesNotAnswer() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) -> TinyServer.text(out, HELLO))) {
      GuardedClient client =
          new GuardedClient(
              new AddressPolicy(List.of("two.test")),
              host -> List.of(InetAddress.ofLiteral("127.0.0.2"), LOOPBACK));
      assertEquals("hello", body(client, "http://two.test:" + server.port() + "/"));
    }
  }

  @Test
  void w8EachHopOfARedirectIsChecked() throws Exception {
    try (TinyServer secret = new TinyServer((request, socket, out) -> TinyServer.text(out, HELLO));
        TinyServer server = redirecting("http://127.0.0.1:" + secret.port() + "/")) {
      GuardedClient client = client("page.test:" + server.port());
      FetchException e = failure(client, "http://page.test:" + server.port() + "/", LIMITS);
      assertEquals(Reason.BLOCKED, e.reason());
      assertTrue(secret.requests.isEmpty());
    }
  }

  @Test
  void redirectsAreFollowedAndPrivateHeadersStayBehind() throws Exception {
    try (TinyServer target = new TinyServer((request, socket, out) -> TinyServer.text(out, HELLO));
        TinyServer server = redirecting("http://target.test:" + target.port() + "/x")) {
      GuardedClient client = client("page.test", "target.test");
      Map<String, String> headers = Map.of("Authorization", "Bearer t", "Accept", "text/html");
      try (GuardedResponse response =
          client.get("http://page.test:" + server.port() + "/", headers, LIMITS)) {
        assertEquals("http://target.test:" + target.port() + "/x", response.uri().toString());
        assertEquals("hello", new String(response.bytes(), UTF_8));
      }
      assertTrue(server.request().contains("Authorization: Bearer t"));
      List<String> request = target.request();
      assertTrue(request.contains("Accept: text/html"), request.toString());
      assertFalse(request.toString().contains("Bearer"), request.toString());
    }
  }

  @Test
  void aPostIsSentWithItsBodyToOneAddressAlone() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) ->
            TinyServer.text(
                out,
                "HTTP/1.1 307 Go\r\nLocation: http://elsewhere.test/\r\nContent-Length: 2\r\n\r\nno"))) {
      Map<String, String> headers = Map.of("Content-Type", "application/json");
      String url = "http://page.test:" + server.port() + "/a";
      try (GuardedResponse response =
          client("page.test").post(url, headers, "{\"a\":\"ü\"}".getBytes(UTF_8), LIMITS)) {
        assertEquals(307, response.status());
        assertEquals("no", new String(response.bytes(), UTF_8));
      }
      List<String> request = server.request();
      assertEquals("POST /a HTTP/1.1", request.getFirst());
      assertTrue(request.contains("Content-Length: 10"), request.toString());
      assertTrue(request.contains("Content-Type: application/json"), request.toString());
    }
    GuardedClient guarded = client();
    FetchException e =
        assertThrows(
            FetchException.class,
            () -> guarded.post("http://127.0.0.1:1/", Map.of(), new byte[0], LIMITS));
    assertEquals(Reason.BLOCKED, e.reason());
  }

  @Test
  void aCircleOfRedirectsEnds() throws Exception {
    try (TinyServer server = redirecting("/again")) {
      GuardedClient client = client("page.test");
      FetchException e = failure(client, "http://page.test:" + server.port() + "/", LIMITS);
      assertEquals(Reason.TOO_MANY_REDIRECTS, e.reason());
      assertEquals("more than 5 redirects", e.getMessage());
      assertEquals(6, server.requests.size());
    }
  }

  @Test
  void w28ABodyOverTheLimitIsCut() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) -> {
          TinyServer.text(out, "HTTP/1.1 200 OK\r\n\r\n");
          byte[] piece = new byte[10_000];
          while (true) {
            out.write(piece);
          }
        })) {
      GuardedClient client = client("page.test");
      GuardedResponse response =
          client.get("http://page.test:" + server.port() + "/", Map.of(), LIMITS);
      FetchException e = assertThrows(FetchException.class, response::bytes);
      assertEquals(Reason.TOO_LARGE, e.reason());
      assertEquals("answer larger than 1000000 bytes", e.getMessage());
      assertNotNull(server.closedByClient.poll(5, TimeUnit.SECONDS));
    }
  }

  @Test
  void tooManyHeadersAreRefused() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) -> {
          TinyServer.text(out, "HTTP/1.1 200 OK\r\n");
          while (true) {
            TinyServer.text(out, "X-Header: " + "x".repeat(1000) + "\r\n");
          }
        })) {
      FetchException e =
          failure(client("page.test"), "http://page.test:" + server.port() + "/", LIMITS);
      assertEquals(Reason.PROTOCOL, e.reason());
    }
  }

  @Test
  void theDeadlineCountsForTheWholeAnswer() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TinyServer server =
        new TinyServer((request, socket, out) -> {
          TinyServer.text(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
          // Each byte comes soon enough for a timeout per read.
          while (!over.await(50, TimeUnit.MILLISECONDS)) {
            TinyServer.text(out, "x");
          }
        })) {
      Limits short1 = new Limits(Duration.ofSeconds(1), 1000, 5);
      long start = System.nanoTime();
      GuardedResponse response =
          client("page.test").get("http://page.test:" + server.port() + "/", Map.of(), short1);
      FetchException e = assertThrows(FetchException.class, response::bytes);
      assertEquals(Reason.DEADLINE, e.reason());
      assertEquals("no complete answer within 1 s", e.getMessage());
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(4).toNanos());
    } finally {
      over.countDown();
    }
  }

  @Test
  void theDeadlineCountsForHeadersAndLookUpsToo() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Limits brief = new Limits(Duration.ofMillis(300), 1000, 5);
    try (TinyServer server = new TinyServer((request, socket, out) -> over.await())) {
      String url = "http://page.test:" + server.port() + "/";
      assertEquals(Reason.DEADLINE, failure(client("page.test"), url, brief).reason());
      HostResolver slow =
          host -> {
            try {
              over.await();
            } catch (InterruptedException e) {
              throw new UnknownHostException(host);
            }
            return List.of(LOOPBACK);
          };
      GuardedClient client = new GuardedClient(new AddressPolicy(List.of()), slow);
      assertEquals(Reason.DEADLINE, failure(client, url, brief).reason());
    } finally {
      over.countDown();
    }
  }

  @Test
  void anInterruptionEndsASilentRequestAtOnce() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TinyServer server =
        new TinyServer((request, socket, out) -> {
          if (socket.getInputStream().read() < 0) {
            throw new IOException("end of stream");
          }
        })) {
      BlockingQueue<Exception> outcome = new LinkedBlockingQueue<>();
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  String url = "http://page.test:" + server.port() + "/";
                  client("page.test").get(url, Map.of(), LIMITS).close();
                } catch (Exception e) {
                  outcome.add(e);
                }
              });
      server.request();
      thread.interrupt();
      assertInstanceOf(InterruptedException.class, outcome.poll(2, TimeUnit.SECONDS));
      assertNotNull(server.closedByClient.poll(2, TimeUnit.SECONDS));
    } finally {
      over.countDown();
    }
  }

  @Test
  void aBodyCutShortIsAFailure() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) ->
            TinyServer.text(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"))) {
      GuardedResponse response =
          client("page.test").get("http://page.test:" + server.port() + "/", Map.of(), LIMITS);
      assertThrows(FetchException.class, response::bytes);
    }
  }

  @Test
  void nobodyListeningAndUnknownNamesAreUnreachable() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    FetchException e = failure(client("page.test"), "http://page.test:" + port + "/", LIMITS);
    assertEquals(Reason.UNREACHABLE, e.reason());
    GuardedClient client =
        new GuardedClient(
            new AddressPolicy(List.of()),
            host -> {
              throw new UnknownHostException(host);
            });
    e = failure(client, "http://unknown.test/", LIMITS);
    assertEquals("unknown host", e.getMessage());
  }

  @Test
  void whatIsNotHttpIsRefused() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) -> TinyServer.text(out, "220 mail ready\r\n"))) {
      FetchException e =
          failure(client("page.test"), "http://page.test:" + server.port() + "/", LIMITS);
      assertEquals(Reason.PROTOCOL, e.reason());
    }
  }

  @Test
  void aBodyWithoutLengthEndsWithItsConnection() throws Exception {
    byte[] body = "until the end".getBytes(UTF_8);
    try (TinyServer server =
        new TinyServer((request, socket, out) -> {
          TinyServer.text(out, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n");
          out.write(body);
        })) {
      try (GuardedResponse response =
          client("page.test").get("http://page.test:" + server.port() + "/", Map.of(), LIMITS)) {
        assertArrayEquals(body, response.bytes());
      }
    }
  }

  @Test
  void aReaderMayTakeAsMuchAsItWants() throws Exception {
    try (TinyServer server =
        new TinyServer((request, socket, out) -> {
          TinyServer.text(out, "HTTP/1.1 200 OK\r\n\r\nhello");
          socket.getInputStream().read();
        })) {
      try (GuardedResponse response =
              client("page.test").get("http://page.test:" + server.port() + "/", Map.of(), LIMITS);
          InputStream in = response.body()) {
        assertEquals("hel", new String(in.readNBytes(3), UTF_8));
      }
    }
  }

  private static GuardedClient client(String... allowed) {
    return new GuardedClient(new AddressPolicy(List.of(allowed)), host -> List.of(LOOPBACK));
  }

  private static TinyServer redirecting(String location) throws IOException {
    return new TinyServer((request, socket, out) ->
        TinyServer.text(
            out, "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"));
  }

  private static String body(GuardedClient client, String url) throws Exception {
    try (GuardedResponse response = client.get(url, Map.of(), LIMITS)) {
      return new String(response.bytes(), UTF_8);
    }
  }

  private static FetchException failure(GuardedClient client, String url, Limits limits) {
    return assertThrows(FetchException.class, () -> client.get(url, Map.of(), limits).close());
  }
}
