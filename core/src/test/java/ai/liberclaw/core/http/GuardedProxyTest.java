package ai.liberclaw.core.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GuardedProxyTest {
  private static final int TIMEOUT_MS = 5000;

  private TinyServer server;
  private GuardedProxy proxy;
  private ProxyLane lane;

  @BeforeEach
  void start() throws IOException {
    server =
        new TinyServer((request, socket, out) ->
            TinyServer.text(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    // Every name but one leads to the server; one of that one's addresses is private.
    HostResolver names =
        host ->
            host.equals("mixed.example")
                ? List.of(InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("10.0.0.1"))
                : List.of(InetAddress.ofLiteral("127.0.0.1"));
    proxy =
        GuardedProxy.start(new AddressPolicy(List.of("allowed.example:" + server.port())), names);
    lane = proxy.lane();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  private String ask(String request, String authorization) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), proxy.port())) {
      socket.setSoTimeout(TIMEOUT_MS);
      String head = request + " HTTP/1.1\r\nHost: x\r\n" + authorization + "\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private String ask(String request) throws IOException {
    return ask(request, "Proxy-Authorization: " + lane.authorization() + "\r\n");
  }

  @Test
  void aRequestGoesOnWithoutWhatWasForTheProxy() throws Exception {
    String answer = ask("GET http://allowed.example:" + server.port() + "/a%2Fb?c=[d]");
    assertTrue(answer.endsWith("\r\n\r\nhi"), answer);
    List<String> request = server.request();
    assertEquals("GET /a%2Fb?c=[d] HTTP/1.1", request.getFirst());
    assertFalse(request.toString().contains("Proxy-"), request.toString());
    assertFalse(lane.takeRefused());
  }

  @Test
  void aTunnelPassesBytesBothWays() throws Exception {
    String answer =
        ask(
            "CONNECT allowed.example:" + server.port(),
            "Proxy-Authorization: " + lane.authorization() + "\r\n\r\nGET / HTTP/1.1\r\n");
    assertTrue(
        answer.startsWith("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200"), answer);
    assertTrue(answer.endsWith("hi"), answer);
  }

  @Test
  void privateAddressesAreRefused() throws Exception {
    for (String request :
        List.of(
            "GET http://other.example:" + server.port() + "/",
            "GET http://allowed.example:1/",
            "GET http://mixed.example/",
            "GET http://127.0.0.1:" + server.port() + "/",
            "GET http://[::ffff:127.0.0.1]/",
            "GET http://0x7f.1/",
            "CONNECT other.example:" + server.port(),
            "CONNECT [::1]:" + server.port())) {
      assertTrue(ask(request).startsWith("HTTP/1.1 403 "), request);
      assertTrue(lane.takeRefused(), request);
    }
    assertTrue(server.requests.isEmpty());
  }

  @Test
  void nobodyUsesItWithoutCredentials() throws Exception {
    String request = "GET http://allowed.example:" + server.port() + "/";
    assertTrue(ask(request, "").startsWith("HTTP/1.1 407 "));
    assertTrue(
        ask(request, "Proxy-Authorization: Basic bGFuZS0xOng=\r\n").startsWith("HTTP/1.1 407 "));
    lane.close();
    assertTrue(ask(request).startsWith("HTTP/1.1 407 "));
    assertTrue(server.requests.isEmpty());
  }
}
