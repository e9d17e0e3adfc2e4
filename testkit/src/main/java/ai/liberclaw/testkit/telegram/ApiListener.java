package ai.liberclaw.testkit.telegram;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The HTTP side of the simulator: addresses, bodies, and what goes wrong with answers. */
final class ApiListener implements AutoCloseable {
  private static final String METHODS = "/bot" + TelegramServer.TOKEN + "/";
  private static final String FILES = "/file/bot" + TelegramServer.TOKEN + "/";

  private final TelegramServer telegram;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  ApiListener(TelegramServer telegram) throws IOException {
    this.telegram = telegram;
    // Without it each answer waits for the client's delayed acknowledgement of the headers.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::serve);
    http.start();
  }

  int port() {
    return http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.startsWith(FILES)) {
        download(exchange, path.substring(FILES.length()));
      } else if (path.startsWith(METHODS)) {
        call(exchange, path.substring(METHODS.length()));
      } else {
        write(exchange, TelegramServer.error(401, "Unauthorized"), 0);
      }
    } catch (InterruptedException _) {
      // The server was closed.
    }
  }

  private void download(HttpExchange exchange, String path) throws IOException {
    byte[] bytes = telegram.file(path).orElse(new byte[0]);
    exchange.sendResponseHeaders(
        bytes.length == 0 ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void call(HttpExchange exchange, String method) throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    telegram.called(method);
    switch (telegram.fault(method).orElse(null)) {
      case null -> write(exchange, carryOut(exchange, method, body), 0);
      case Fault.RateLimit(int seconds) -> {
        TelegramServer.Answer answer =
            TelegramServer.error(429, "Too Many Requests: retry after " + seconds);
        answer.body().putObject("parameters").put("retry_after", seconds);
        write(exchange, answer, 0);
      }
      case Fault.Status(int status, String description) ->
          write(exchange, TelegramServer.error(status, description), 0);
      // More is announced than comes.
      case Fault.Cut() -> write(exchange, carryOut(exchange, method, body), 100);
      case Fault.Malformed() -> {
        byte[] html = "<html>oops".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, html.length);
        exchange.getResponseBody().write(html);
      }
      case Fault.Slow slow -> {
        TelegramServer.Answer answer = carryOut(exchange, method, body);
        Thread.sleep(slow.delay());
        write(exchange, answer, 0);
      }
    }
  }

  private TelegramServer.Answer carryOut(HttpExchange exchange, String method, byte[] body)
      throws InterruptedException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type != null && type.startsWith("multipart/form-data")) {
      Map<String, String> fields = new HashMap<>();
      Map<String, Multipart.Upload> files = Multipart.read(type, body, fields);
      ObjectNode parameters = Json.object();
      fields.forEach(parameters::put);
      return telegram.carryOut(method, parameters, files);
    }
    return telegram.carryOut(method, body.length == 0 ? Json.object() : Json.parse(body), Map.of());
  }

  private static void write(HttpExchange exchange, TelegramServer.Answer answer, int missing)
      throws IOException {
    byte[] body = Json.writeBytes(answer.body());
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.status(), body.length + missing);
    OutputStream out = exchange.getResponseBody();
    out.write(body);
    out.flush();
  }
}
