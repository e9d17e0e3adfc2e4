package ai.liberclaw.testkit.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.mail.TestCertificate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlephNetworkTest {
  private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEB test";

  private final Signer ada = new Signer(7);
  private final Signer bob = new Signer(8);
  private final AlephNetwork network = AlephNetwork.start(Machines.none(), 2);
  private final ComputeNode node = network.nodes().getFirst();
  private final Client client = new Client();

  @AfterEach
  void stop() {
    client.close();
    network.close();
  }

  @Test
  void anInstanceLivesFromItsMessageToItsEnd() throws Exception {
    network.grant(ada.address, 1_000_000);
    ObjectNode message = ada.instance(node.hash(), KEY);
    String hash = message.path("item_hash").asText();
    assertEquals(404, client.notified(node, message).status());
    Client.Answer published = client.publish(network.ccn().origin(), message);
    assertEquals(200, published.status());
    assertEquals("processed", published.json().path("message_status").asText());
    assertEquals(200, client.publish(network.ccn().origin(), message).status());
    assertEquals(List.of(hash), network.billed());

    assertEquals(400, client.notified(network.nodes().get(1), message).status());
    assertEquals(200, client.notified(node, message).status());
    assertEquals(200, client.notified(node, message).status());
    assertEquals(List.of(hash), network.machines());
    JsonNode execution = client.get(node.origin() + "/v2/about/executions/list").json().path(hash);
    assertTrue(execution.path("running").asBoolean());
    assertTrue(execution.at("/networking/mapped_ports/22/host").asInt() > 0);

    assertEquals(200, client.publish(network.ccn().origin(), ada.ports(hash, 8080)).status());
    assertEquals(
        200,
        client
            .post(node.origin() + "/control/machine/" + hash + "/update", Json.object())
            .status());
    execution = client.get(node.origin() + "/v2/about/executions/list").json().path(hash);
    assertTrue(execution.at("/networking/mapped_ports/8080/host").asInt() > 0);

    ObjectNode stolen = bob.forget(hash);
    assertEquals(422, client.publish(network.ccn().origin(), stolen).status());
    assertEquals(503, whole(stolen).path("error_code").asInt());
    String erase = "/control/machine/" + hash + "/erase";
    assertEquals(400, client.post(node.origin() + erase, Json.object()).status());
    assertEquals(
        403, client.post(node.origin() + erase, Json.object(), proof(bob, erase)).status());
    assertEquals(
        200, client.post(node.origin() + erase, Json.object(), proof(ada, erase)).status());
    assertEquals(
        404, client.post(node.origin() + erase, Json.object(), proof(ada, erase)).status());
    assertEquals(Set.of(hash), node.erased());
    assertEquals(List.of(), network.machines());

    assertEquals(200, client.publish(network.ccn().origin(), ada.forget(hash)).status());
    assertEquals("forgotten", whole(message).path("status").asText());
    assertEquals(410, client.publish(network.ccn().origin(), message).status());
    assertEquals(List.of(), network.billed());
    assertEquals(404, client.notified(node, message).status());
  }

  @Test
  void aForgottenMachineIsStoppedByItsNodeAfterAWhile() throws Exception {
    network.grant(ada.address, 1_000_000);
    node.sweepTime(Duration.ofMinutes(4));
    ObjectNode message = ada.instance(node.hash(), KEY);
    client.publish(network.ccn().origin(), message);
    client.notified(node, message);
    client.publish(network.ccn().origin(), ada.forget(message.path("item_hash").asText()));
    assertEquals(1, network.machines().size());
    network.advance(Duration.ofMinutes(5));
    assertEquals(0, network.machines().size());
    assertEquals(0, node.erased().size());
  }

  @Test
  void creditsDecideWhatRuns() throws Exception {
    network.grant(ada.address, 342_001);
    ObjectNode first = ada.instance(node.hash(), KEY);
    ObjectNode second = ada.instance(node.hash(), KEY + "2");
    assertEquals(200, client.publish(network.ccn().origin(), first).status());
    assertEquals(422, client.publish(network.ccn().origin(), second).status());
    JsonNode refused = whole(second);
    assertEquals(6, refused.path("error_code").asInt());
    assertEquals("684000", refused.at("/details/errors/0/required_credits").asText());
    assertEquals(
        14_250 / 3600.0,
        Double.parseDouble(
            client
                .get(network.ccn().origin() + "/api/v0/price/" + first.path("item_hash").asText())
                .json()
                .path("cost")
                .asText()),
        1e-9);
    assertEquals(200, client.notified(node, first).status());
    network.advance(Duration.ofMinutes(23 * 60 + 30));
    assertEquals(402, client.notified(node, first).status());
    assertEquals(1, network.billed().size());
    network.advance(Duration.ofHours(1));
    assertEquals("removing", whole(first).path("status").asText());
    Await.until(
        "the machine is stopped", Duration.ofSeconds(3), () -> network.machines().isEmpty());
    network.credits(ada.address, 1_000_000);
    assertEquals("processed", whole(first).path("status").asText());
    network.credits(ada.address, -1).advance(Duration.ofMillis(1));
    network.advance(Duration.ofHours(25));
    assertEquals("removed", whole(first).path("status").asText());
    assertEquals(410, client.publish(network.ccn().origin(), first).status());
    String costs =
        network.ccn().origin() + "/api/v0/costs?include_details=1&address=" + ada.address;
    assertEquals(0, client.get(costs).json().path("resources").size());
  }

  @Test
  void whatIsWrongIsRefusedWithItsCode() throws Exception {
    network.grant(ada.address, 1_000_000);
    ObjectNode forged = ada.instance(node.hash(), KEY).put("sender", bob.address);
    assertEquals(422, client.publish(network.ccn().origin(), forged).status());
    assertEquals(1, whole(forged).path("error_code").asInt());

    ObjectNode unknown = content(ada.instance(node.hash(), KEY)).put("color", "red");
    Client.Answer answer = client.publish(network.ccn().origin(), ada.message("INSTANCE", unknown));
    assertEquals(422, answer.status());
    assertTrue(answer.body().startsWith("InvalidMessageFormat"), answer.body());

    ObjectNode held = content(ada.instance(node.hash(), KEY));
    held.putObject("payment").put("type", "hold").put("chain", "ETH");
    ObjectNode holding = ada.message("INSTANCE", held);
    assertEquals(422, client.publish(network.ccn().origin(), holding).status());
    assertEquals(202, whole(holding).path("error_code").asInt());

    network.rejectNext("INSTANCE", 5, Json.object());
    ObjectNode unlucky = ada.instance(node.hash(), KEY);
    assertEquals(422, client.publish(network.ccn().origin(), unlucky).status());
    assertEquals(5, whole(unlucky).path("error_code").asInt());

    network.ccn().syncMax(Duration.ofMillis(50));
    ObjectNode early = ada.forget("ab".repeat(32));
    assertEquals(202, client.publish(network.ccn().origin(), early).status());
    assertEquals("pending", whole(early).path("status").asText());
    assertEquals(List.of(), network.billed());
    assertFalse(network.violations().isEmpty());
  }

  @Test
  void mirrorsAndNodesHearLater() throws Exception {
    network.grant(ada.address, 1_000_000);
    MessageNode mirror = network.addMirror(Duration.ofSeconds(30));
    node.lag(Duration.ofSeconds(10));
    ObjectNode message = ada.instance(node.hash(), KEY);
    String hash = message.path("item_hash").asText();
    client.publish(network.ccn().origin(), message);
    String url = mirror.origin() + "/api/v0/messages/" + hash + "/status";
    String list = mirror.origin() + "/api/v0/messages.json?hashes=" + hash;
    assertEquals(404, client.get(url).status());
    assertEquals(0, client.get(list).json().path("messages").size());
    assertEquals(404, client.notified(node, message).status());
    network.advance(Duration.ofSeconds(11));
    assertEquals(200, client.notified(node, message).status());
    assertEquals(404, client.get(url).status());
    network.advance(Duration.ofSeconds(20));
    assertEquals(200, client.get(url).status());
    assertEquals(1, client.get(list).json().path("messages").size());
    client.publish(network.ccn().origin(), ada.forget(hash));
    assertEquals("processed", client.get(url).json().path("status").asText());
    network.advance(Duration.ofSeconds(31));
    assertEquals("forgotten", client.get(url).json().path("status").asText());
  }

  @Test
  void everyFaultHappensOnce() throws Exception {
    network.grant(ada.address, 1_000_000);
    Party ccn = network.ccn().server();
    ObjectNode message = ada.instance(node.hash(), KEY);
    String url = network.ccn().origin() + "/api/v0/addresses/" + ada.address + "/balance";
    ccn.fault("GET", new Fault.Status(429, "", Map.of("x-retry-in", "105.8ms")));
    assertEquals(429, client.get(url).status());
    ccn.fault("GET", new Fault.Malformed());
    assertEquals("<html>oops", client.get(url).body());
    ccn.fault("GET", new Fault.Redirect("http://127.0.0.1:1/"));
    assertEquals(302, client.get(url).status());
    ccn.fault("GET", new Fault.Late(Duration.ofMillis(100)));
    assertEquals(200, client.get(url).status());
    for (Fault fault : List.of(new Fault.Reset(), new Fault.Silence(), new Fault.AnswerCut())) {
      // Of requests that can't be repeated Java's client repeats none by itself.
      ccn.fault("POST", fault);
      try (Client hasty = new Client(Duration.ofMillis(500))) {
        assertThrows(
            IOException.class,
            () -> hasty.post(network.ccn().origin() + "/api/v0/price/estimate", Json.object()),
            fault.toString());
      }
    }
    ccn.fault("POST", new Fault.AnswerLost());
    assertThrows(IOException.class, () -> client.publish(network.ccn().origin(), message));
    assertEquals(1, network.billed().size());
    node.failStarts(1);
    assertEquals(503, client.notified(node, message).status());
    assertEquals(0, network.machines().size());
    node.capacity(0);
    assertEquals(503, client.notified(node, message).status());
    node.capacity(1);
    assertEquals(200, client.notified(node, message).status());
    node.server().down();
    assertThrows(IOException.class, () -> client.get(node.origin()));
    node.server().up();
    assertEquals(200, client.get(node.origin() + "/").status());
  }

  @Test
  void aPublicNameLeadsToTheMachine() throws Exception {
    SSLContext tls = TestCertificate.of("dns:*.2n6.me");
    HttpServer plain =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    plain.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(204, -1);
          }
        });
    plain.start();
    try (SSLServerSocket secure =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Machines servers =
          Machines.at(Map.of(443, secure.getLocalPort(), 80, plain.getAddress().getPort()));
      try (AlephNetwork other = AlephNetwork.start(servers, 1)) {
        Thread.startVirtualThread(() -> greet(secure));
        other.grant(ada.address, 1_000_000);
        ObjectNode message = ada.instance(other.nodes().getFirst().hash(), KEY);
        String url =
            other.gateway().server().origin() + "/api/hash/" + message.path("item_hash").asText();
        assertEquals(404, client.get(url).status());
        client.publish(other.ccn().origin(), message);
        assertFalse(client.get(url).json().path("active").asBoolean());
        client.notified(other.nodes().getFirst(), message);
        JsonNode answer = client.get(url).json();
        assertTrue(answer.path("active").asBoolean());
        String name = URI.create(answer.path("url").asText()).getHost();
        assertEquals(answer.path("subdomain").asText() + ".2n6.me", name);
        assertEquals("hello", overTls(tls, other.gateway().tls().port(), name));
        assertEquals("HTTP/1.1 204", overPlain(other.gateway().plain().port(), name));
        assertEquals("", overPlain(other.gateway().plain().port(), "other.2n6.me"));
      }
    } finally {
      plain.stop(0);
    }
  }

  private static void greet(SSLServerSocket server) {
    try (Socket socket = server.accept()) {
      socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String overTls(SSLContext tls, int port, String name) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
      return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
    }
  }

  private static String overPlain(int port, String name) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: " + name + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }
  }

  private Map<String, String> proof(Signer signer, String path) throws Exception {
    return signer.proof(path, URI.create(node.origin()).getAuthority(), network.now());
  }

  private JsonNode whole(ObjectNode message) throws Exception {
    return client
        .get(network.ccn().origin() + "/api/v0/messages/" + message.path("item_hash").asText())
        .json();
  }

  private static ObjectNode content(ObjectNode message) {
    return (ObjectNode) Json.parse(message.path("item_content").asText());
  }
}
