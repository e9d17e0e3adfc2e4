package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An MCP server over HTTP, on a free port of loopback, that answers calls as a test wants. */
final class OddHttpServer implements AutoCloseable {
  /** One request as it came. */
  record Seen(String method, String path, Map<String, List<String>> headers, JsonNode message) {
    String header(String name) {
      return headers.entrySet().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(header -> String.join("|", header.getValue()))
          .findFirst()
          .orElse("");
    }

    String rpc() {
      return message.path("method").asText();
    }
  }

  /** Answers a call of a tool. */
  interface Call {
    void answer(HttpExchange exchange, JsonNode message) throws IOException;
  }

  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final AtomicInteger sessions = new AtomicInteger();
  private final HttpServer server;
  private volatile Call call = (exchange, message) -> json(exchange, 200, result(message, "done"));

  /** The only session that is known; changing it forgets all others. */
  volatile String known = "";

  OddHttpServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/mcp", this::serve);
    server.createContext("/hop", this::redirect);
    server.start();
  }

  void onCall(Call answer) {
    call = answer;
  }

  URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  ServerSettings.Http settings(Map<String, String> headers) {
    return new ServerSettings.Http("odd", url("/mcp"), headers);
  }

  List<Seen> seen(String rpcMethod) {
    return seen.stream().filter(one -> one.rpc().equals(rpcMethod)).toList();
  }

  static String result(JsonNode request, String text) {
    return "{\"jsonrpc\":\"2.0\",\"id\":"
        + request.path("id")
        + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\""
        + text
        + "\"}]}}";
  }

  static void json(HttpExchange exchange, int status, String body) throws IOException {
    send(exchange, status, "application/json; charset=utf-8", body);
  }

  static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private Seen remember(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Seen one =
        new Seen(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getPath(),
            Map.copyOf(exchange.getRequestHeaders()),
            body.length == 0 ? Json.object() : Json.parse(body));
    seen.add(one);
    return one;
  }

  private void serve(HttpExchange exchange) throws IOException {
    Seen request = remember(exchange);
    JsonNode message = request.message();
    if (request.method().equals("DELETE")) {
      send(exchange, 200, "text/plain", "");
    } else if (request.rpc().equals("initialize")) {
      known = "session-" + sessions.incrementAndGet();
      exchange.getResponseHeaders().set("Mcp-Session-Id", known);
      json(
          exchange,
          200,
          "{\"jsonrpc\":\"2.0\",\"id\":"
              + message.path("id")
              + ",\"result\":{\"protocolVersion\":\"2025-03-26\",\"capabilities\":{\"tools\":{}}}}");
    } else if (!request.header("Mcp-Session-Id").equals(known)) {
      json(exchange, 404, "{\"error\":\"unknown session\"}");
    } else if (request.rpc().equals("tools/list")) {
      json(
          exchange,
          200,
          "{\"jsonrpc\":\"2.0\",\"id\":"
              + message.path("id")
              + ",\"result\":{\"tools\":[{\"name\":\"work\",\"inputSchema\":{}}]}}");
    } else if (request.rpc().equals("tools/call")) {
      call.answer(exchange, message);
    } else {
      send(exchange, 202, "text/plain", "");
    }
  }

  /** {@code /hop/3} leads to {@code /hop/2}, and so on; {@code /hop/1} to the server itself. */
  private void redirect(HttpExchange exchange) throws IOException {
    Seen _ = remember(exchange);
    int hops = Integer.parseInt(exchange.getRequestURI().getPath().substring("/hop/".length()));
    exchange.getResponseHeaders().set("Location", hops > 1 ? "/hop/" + (hops - 1) : "/mcp");
    exchange.sendResponseHeaders(hops % 2 == 0 ? 308 : 307, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
