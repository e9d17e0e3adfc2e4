package ai.liberclaw.core.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that leave a real server while it works for them, and others that stay. */
@Timeout(60)
class HangUpsTest {
  private static final String BODY = "{\"text\":\"hello\"}";

  private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
  private final CountDownLatch left = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private WebServer server;

  @BeforeEach
  void start() {
    Router router =
        new Router((status, message) -> Json.object().put("detail", message))
            .post(
                "/slow",
                exchange -> {
                  String text = new String(exchange.body(1000), US_ASCII);
                  try (Exchange.Attendance _ = exchange.attend(left::countDown)) {
                    begun.add(text);
                    boolean _ = answer.await(20, TimeUnit.SECONDS);
                  }
                  exchange.send(200, "text/plain", text.getBytes(US_ASCII));
                })
            .post(
                "/quick",
                exchange ->
                    exchange.send(
                        200,
                        "text/plain",
                        ("quick" + exchange.body(1000).length).getBytes(US_ASCII)));
    server =
        Listener.of(
                "127.0.0.1",
                0,
                1000,
                Duration.ofSeconds(1),
                router,
                (status, message) -> Json.object().put("detail", message))
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    answer.countDown();
    server.stop();
  }

  @Test
  void aClientThatLeavesIsNoticedSoon() throws Exception {
    try (Socket client = connect()) {
      send(client, "/slow");
      assertEquals(BODY, begun.poll(10, TimeUnit.SECONDS));
    }
    assertTrue(left.await(5, TimeUnit.SECONDS));
  }

  @Test
  void aClientThatResetsItsConnectionIsNoticedToo() throws Exception {
    try (Socket client = connect()) {
      send(client, "/slow");
      assertEquals(BODY, begun.poll(10, TimeUnit.SECONDS));
      client.setSoLinger(true, 0);
    }
    assertTrue(left.await(5, TimeUnit.SECONDS));
  }

  @Test
  void aClientThatWaitsGetsItsAnswerAndTheConnectionGoesOn() throws Exception {
    try (Socket client = connect()) {
      send(client, "/slow");
      assertEquals(BODY, begun.poll(10, TimeUnit.SECONDS));
      assertFalse(left.await(2500, TimeUnit.MILLISECONDS), "it was looked at twice");
      answer.countDown();
      assertEquals(BODY, answer(client, BODY.length()));
      // Longer than the look takes: a time limit left on the socket would end this read.
      Thread.sleep(50);
      send(client, "/quick");
      assertEquals("quick16", answer(client, 7));
    }
  }

  @Test
  void whatAClientSendsMeanwhileIsItsNextRequest() throws Exception {
    try (Socket client = connect()) {
      send(client, "/slow");
      assertEquals(BODY, begun.poll(10, TimeUnit.SECONDS));
      String next = request("/quick");
      client.getOutputStream().write(next.substring(0, 10).getBytes(US_ASCII));
      assertFalse(left.await(2500, TimeUnit.MILLISECONDS), "it was looked at twice");
      client.getOutputStream().write(next.substring(10).getBytes(US_ASCII));
      answer.countDown();
      assertEquals(BODY, answer(client, BODY.length()));
      assertEquals("quick16", answer(client, 7));
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket client, String path) throws IOException {
    client.getOutputStream().write(request(path).getBytes(US_ASCII));
  }

  private static String request(String path) {
    return "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, BODY.length(), BODY);
  }

  private static String answer(Socket client, int length) throws IOException {
    InputStream in = client.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    assertTrue(head.toString().startsWith("HTTP/1.1 200"), head.toString());
    return new String(in.readNBytes(length), US_ASCII);
  }
}
