package ai.liberclaw.testkit.oauth;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The HTTP side of the simulators: forms, addresses, and what goes wrong with answers. */
final class OAuthListener implements AutoCloseable {
  private final OAuthServer server;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  OAuthListener(OAuthServer server) throws IOException {
    this.server = server;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::serve);
    http.start();
  }

  String origin() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String query = exchange.getRequestURI().getRawQuery();
      Map<String, String> fields = fields(form.isEmpty() && query != null ? query : form);
      switch (server.fault(path).orElse(null)) {
        case null -> write(exchange, carryOut(exchange, path, fields), 0);
        case Fault.Status(int status) ->
            write(exchange, new OAuthServer.Answer(status, "text/html", "<html>no"), 0);
        // More is announced than comes.
        case Fault.Cut() -> write(exchange, carryOut(exchange, path, fields), 100);
        case Fault.Body(String text) ->
            write(exchange, new OAuthServer.Answer(200, "application/json", text), 0);
        case Fault.Huge(long bytes) -> flood(exchange, bytes);
        case Fault.Slow slow -> {
          Thread.sleep(slow.delay());
          write(exchange, carryOut(exchange, path, fields), 0);
        }
      }
    } catch (InterruptedException _) {
      // The server was closed.
    }
  }

  private OAuthServer.Answer carryOut(
      HttpExchange exchange, String path, Map<String, String> fields) {
    OAuthServer.Headers headers =
        new OAuthServer.Headers(
            header(exchange, "Authorization"),
            header(exchange, "Accept"),
            header(exchange, "User-Agent"));
    return server.answer(exchange.getRequestMethod(), path, fields, headers);
  }

  private static Optional<String> header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  private static Map<String, String> fields(String form) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : form.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
      }
    }
    return fields;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static void write(HttpExchange exchange, OAuthServer.Answer answer, int missing)
      throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    if (answer.status() == 302) {
      exchange.getResponseHeaders().set("Location", answer.body());
    }
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    exchange.sendResponseHeaders(answer.status(), body.length + missing);
    OutputStream out = exchange.getResponseBody();
    out.write(body);
    out.flush();
  }

  private static void flood(HttpExchange exchange, long bytes) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes);
    byte[] block = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
    for (long sent = 0; sent < bytes; sent += block.length) {
      exchange.getResponseBody().write(block, 0, (int) Math.min(block.length, bytes - sent));
    }
  }
}
