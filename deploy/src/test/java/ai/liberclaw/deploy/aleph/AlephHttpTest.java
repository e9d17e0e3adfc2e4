package ai.liberclaw.deploy.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.deploy.aleph.AlephException.Kind;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Manners towards hosts of the network, and the limits of what they can do to us. */
final class AlephHttpTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Map.Entry<String, String>> headers =
      new ConcurrentLinkedQueue<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger atOnceMax = new AtomicInteger();
  private final Semaphore hold = new Semaphore(1000);
  private HttpServer server;
  private AlephHttp http;
  private String url;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    int port = server.getAddress().getPort();
    url = "http://127.0.0.1:" + port + "/x";
    http =
        new AlephHttp(
            List.of("127.0.0.1:" + port),
            new Backoff(Duration.ofMillis(5), Duration.ofMillis(20), 0));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    atOnceMax.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    hold.acquireUninterruptibly();
    hold.release();
    atOnce.decrementAndGet();
    Map.Entry<String, String> header = headers.poll();
    if (header != null) {
      exchange.getResponseHeaders().add(header.getKey(), header.getValue());
    }
    Integer status = statuses.poll();
    byte[] body = "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status == null ? 200 : status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void aBusyHostIsLeftAloneForAsLongAsItSays() throws Exception {
    statuses.addAll(List.of(429, 429));
    headers.add(Map.entry("x-retry-in", "105.8ms"));
    headers.add(Map.entry("Retry-After", "1"));
    long start = System.nanoTime();
    assertEquals(200, http.post(url, "{}", Map.of(), LONG, false).status());
    assertTrue(System.nanoTime() - start >= Duration.ofMillis(1105).toNanos());
    assertEquals(3, requests.get());
  }

  @Test
  void aWaitBeyondTheDeadlineIsNotBegun() {
    statuses.add(429);
    headers.add(Map.entry("Retry-After", "999999"));
    AlephException e = assertThrows(AlephException.class, () -> http.get(url, SHORT));
    assertEquals(Kind.BUSY, e.kind());
    assertEquals(1, requests.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 504})
  void aBusyProxyIsAskedAgain(int status) throws Exception {
    statuses.addAll(List.of(status, status));
    assertEquals(200, http.get(url, LONG).status());
    assertEquals(3, requests.get());
    statuses.addAll(List.of(status, status, status, status, status));
    assertEquals(Kind.BUSY, assertThrows(AlephException.class, () -> http.get(url, LONG)).kind());
  }

  @Test
  void whereAStatusHasAMeaningItIsAnAnswer() throws Exception {
    statuses.add(503);
    assertEquals(503, http.post(url, "{}", Map.of(), LONG, false).status());
    assertEquals(1, requests.get());
  }

  @Test
  void aHostGetsFewRequestsAtATime() throws Exception {
    hold.drainPermits();
    List<Thread> threads = new ArrayList<>();
    AtomicInteger good = new AtomicInteger();
    for (int i = 0; i < 12; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            try {
              if (http.get(url, LONG).ok()) {
                good.incrementAndGet();
              }
            } catch (AlephException | InterruptedException e) {
              throw new AssertionError(e);
            }
          }));
    }
    Thread.sleep(200);
    assertEquals(AlephHttp.PER_HOST_MAX, atOnce.get());
    hold.release(1000);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(12, good.get());
    assertEquals(AlephHttp.PER_HOST_MAX, atOnceMax.get());
  }

  @Test
  void aHalfOpenSocketEndsAtTheDeadline() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      AlephHttp other = new AlephHttp(List.of("127.0.0.1"));
      String address = "http://127.0.0.1:" + silent.getLocalPort() + "/";
      long start = System.nanoTime();
      AlephException e = assertThrows(AlephException.class, () -> other.get(address, SHORT));
      assertEquals(Kind.TIMEOUT, e.kind());
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos());
    }
  }

  @Test
  void nobodyThereIsToldApart() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    AlephHttp other = new AlephHttp(List.of("127.0.0.1"));
    assertEquals(
        Kind.UNREACHABLE,
        assertThrows(AlephException.class, () -> other.get("http://127.0.0.1:" + port + "/", LONG))
            .kind());
  }

  /** Names in the list of nodes are anybody's, and must not lead into our own network. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://[::1]/",
        "http://example.org/",
        "https://user@example.org/",
        "file:///etc/passwd",
        "not a url"
      })
  void onlyPublicAddressesOverTlsAreAsked(String address) {
    AlephHttp strict = new AlephHttp(List.of("api2.aleph.im"));
    AlephException e = assertThrows(AlephException.class, () -> strict.get(address, LONG));
    assertEquals(Kind.REFUSED, e.kind());
    assertFalse(String.valueOf(e.getMessage()).contains("127.0.0.1"));
  }
}
