package ai.liberclaw.deploy.engine;

import ai.liberclaw.core.json.Json;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.UUID;

/** An agent that answers {@code /health} and nothing else. */
final class FakeAgent {
  private FakeAgent() {}

  static HttpServer start(int port) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    byte[] body =
        Json.writeBytes(
            Json.object()
                .put("status", "ok")
                .put("version", 2)
                .put("boot_id", UUID.randomUUID().toString()));
    http.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    http.start();
    return http;
  }
}
