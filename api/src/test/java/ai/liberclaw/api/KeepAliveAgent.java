package ai.liberclaw.api;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An agent that answers {@code /health} and keeps its connections, which it counts. */
final class KeepAliveAgent implements AutoCloseable {
  private static final byte[] HEALTH =
      "{\"status\":\"ok\",\"agent_name\":\"Kept\",\"version\":2}".getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();

  KeepAliveAgent() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/health",
        exchange -> {
          requests.incrementAndGet();
          ports.add(exchange.getRemoteAddress().getPort());
          exchange.sendResponseHeaders(200, HEALTH.length);
          exchange.getResponseBody().write(HEALTH);
          exchange.close();
        });
    server.start();
  }

  String origin() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  int requests() {
    return requests.get();
  }

  int connections() {
    return ports.size();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
