package ai.liberclaw.testkit.idtoken;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.keys.KnownRsaKeys;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A provider of ID tokens on loopback, such as Google or Apple: it publishes its RSA keys at {@link
 * #url} (RFC 7517) and signs tokens with the newest of them. It misbehaves when told to by {@link
 * #fail}.
 */
public final class IdTokenIssuer implements AutoCloseable {
  private static final String KEYS = "/certs";

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<SigningKey> keys = new CopyOnWriteArrayList<>();
  private final Deque<KeyFault> faults = new ConcurrentLinkedDeque<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger made = new AtomicInteger();
  private final int firstKey;

  private IdTokenIssuer(int firstKey) throws IOException {
    this.firstKey = firstKey;
    // Without it each answer waits for the client's delayed acknowledgement of the headers.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    keys.add(newKey());
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::serve);
    http.start();
  }

  /** On a free port, with one key. */
  public static IdTokenIssuer start() throws IOException {
    return start(0);
  }

  /**
   * The same, with other keys than a second one has.
   *
   * @param firstKey which of the {@link KnownRsaKeys} its first one is; the next ones follow
   */
  public static IdTokenIssuer start(int firstKey) throws IOException {
    return new IdTokenIssuer(firstKey);
  }

  /** Where the keys are. */
  public String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + KEYS;
  }

  /** How often somebody asked for the keys. */
  public int requests() {
    return requests.get();
  }

  /** The next request for the keys goes wrong; several calls, several requests. */
  public void fail(KeyFault fault) {
    faults.add(fault);
  }

  /** From now on signs with a new key, and publishes no older one. */
  public void replaceKeys() {
    SigningKey key = newKey();
    keys.clear();
    keys.add(key);
  }

  /** From now on signs with a new key; the older ones stay published. */
  public void addKey() {
    keys.add(newKey());
  }

  /** A token of these claims, signed by the newest key. */
  public String token(ObjectNode claims) {
    return token(header("RS256", newest().id()), claims);
  }

  /** A token of this header, signed by the newest key whatever the header says. */
  public String token(ObjectNode header, ObjectNode claims) {
    return newest().sign(header, claims);
  }

  /** A token that names the newest key, signed by one that is not published. */
  public String forged(ObjectNode claims) {
    return newKey().sign(header("RS256", newest().id()), claims);
  }

  /** A token that says it needs no signature, and has none. */
  public String unsigned(ObjectNode claims) {
    return SigningKey.part(header("none", newest().id())) + "." + SigningKey.part(claims) + ".";
  }

  /** A token whose secret is the newest public key: what a verifier takes that trusts "alg". */
  public String confused(ObjectNode claims) {
    String content =
        SigningKey.part(header("HS256", newest().id())) + "." + SigningKey.part(claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(newest().publicBytes(), "HmacSHA256"));
      byte[] signature = mac.doFinal(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks HMAC-SHA256", e);
    }
  }

  /** The header of a token. */
  public static ObjectNode header(String algorithm, String keyId) {
    return Json.object().put("alg", algorithm).put("kid", keyId).put("typ", "JWT");
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private SigningKey newest() {
    return keys.getLast();
  }

  private SigningKey newKey() {
    int index = made.getAndIncrement();
    return new SigningKey(
        "key-" + (index + 1), KnownRsaKeys.pair((firstKey + index) % KnownRsaKeys.COUNT));
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (exchange.getRequestURI().getPath().equals(KEYS + "/moved")) {
        write(exchange, 200, published(), 0);
        return;
      }
      requests.incrementAndGet();
      switch (faults.poll()) {
        case null -> write(exchange, 200, published(), 0);
        case KeyFault.Status(int status) -> write(exchange, status, "{}", 0);
        case KeyFault.Slow slow -> {
          Thread.sleep(slow.delay());
          write(exchange, 200, published(), 0);
        }
        // More is announced than comes.
        case KeyFault.Cut() -> write(exchange, 200, published(), 100);
        case KeyFault.Malformed() -> write(exchange, 200, "<html>oops", 0);
        case KeyFault.NoKeys() -> write(exchange, 200, "{\"keys\":[]}", 0);
        case KeyFault.Large(int spaces) ->
            write(exchange, 200, " ".repeat(spaces) + published(), 0);
        case KeyFault.Redirect() -> {
          exchange.getResponseHeaders().set("Location", url() + "/moved");
          write(exchange, 302, "{}", 0);
        }
      }
    } catch (InterruptedException _) {
      // The server was closed.
    }
  }

  private String published() {
    ObjectNode set = Json.object();
    ArrayNode list = set.putArray("keys");
    keys.forEach(key -> list.add(key.published()));
    return Json.write(set);
  }

  private static void write(HttpExchange exchange, int status, String text, int missing)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length + missing);
    OutputStream out = exchange.getResponseBody();
    out.write(body);
    out.flush();
  }
}
