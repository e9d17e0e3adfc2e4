package ai.liberclaw.testkit.agent;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A hand-written agent: it answers as scripted, byte by byte, and misbehaves on request. Without
 * capabilities it is one of the original.
 */
public final class StubAgent implements AutoCloseable {
  /** What its callers must send as bearer; it is not checked, but kept in {@link #requests}. */
  public static final String SECRET = "stub-secret-of-43-characters-or-thereabouts";

  private final ServerSocket server;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean keepAlive;

  /**
   * A request that came.
   *
   * @param path with its query
   * @param headers the whole head as it was sent
   */
  public record Request(String method, String path, String headers, String body) {}

  /** Answers one request on the bare connection. */
  @FunctionalInterface
  public interface Script {
    void run(Request request, StubConnection connection) throws Exception;
  }

  /**
   * @param capabilities as {@code /health} lists them
   */
  public StubAgent(String... capabilities) throws IOException {
    server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    StringBuilder list = new StringBuilder();
    for (String capability : capabilities) {
      list.append(list.isEmpty() ? "\"" : ",\"").append(capability).append('"');
    }
    on(
        "GET /health",
        (_, c) ->
            c.json(
                200,
                "{\"status\":\"ok\",\"agent_name\":\"Stub\",\"version\":2"
                    + (list.isEmpty()
                        ? ""
                        : ",\"boot_id\":\"boot\",\"capabilities\":[" + list + "]")
                    + "}"));
    on("GET /pending", (_, c) -> c.json(200, "{\"messages\":[]}"));
    Thread.ofVirtual().start(this::accept);
  }

  public String origin() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Answers requests whose method and path begin so; the longest match counts. */
  public StubAgent on(String start, Script script) {
    scripts.put(start, script);
    return this;
  }

  /** Streams these events as one chat turn. */
  public StubAgent onChat(String... events) {
    return on(
        "POST /chat",
        (_, c) -> {
          c.head();
          for (String event : events) {
            c.event(event);
          }
          c.end();
        });
  }

  /** Connections stay open after an answer that ended properly, as servers usually keep them. */
  public StubAgent keepingAlive() {
    keepAlive = true;
    return this;
  }

  /** Those that came and begin so, oldest first. */
  public List<Request> requests(String start) {
    return requests.stream().filter(r -> (r.method() + " " + r.path()).startsWith(start)).toList();
  }

  /** Connections that are open now. */
  public int connections() {
    return connections.size();
  }

  /** Hangs up on everybody, as a restart or an idle limit does. */
  public void closeConnections() throws IOException {
    for (Socket socket : connections) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    closeConnections();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      StubConnection connection = new StubConnection(socket, in, keepAlive);
      do {
        Request request = read(in);
        if (request == null) {
          return;
        }
        requests.add(request);
        script(request.method() + " " + request.path()).run(request, connection);
      } while (keepAlive && connection.isReusable());
    } catch (SocketException _) {
      // The other side left, as some tests want.
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      connections.remove(socket);
    }
  }

  private Script script(String key) {
    return scripts.entrySet().stream()
        .filter(e -> key.startsWith(e.getKey()))
        .max(Comparator.comparingInt(e -> e.getKey().length()))
        .map(Map.Entry::getValue)
        .orElse((_, c) -> c.json(404, "{\"detail\":\"Not Found\"}"));
  }

  private static @Nullable Request read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      head.append((char) b);
    }
    List<String> first = List.of(head.substring(0, head.indexOf("\r\n")).split(" ", -1));
    String body = "";
    int length = head.toString().toLowerCase(Locale.ROOT).indexOf("content-length:");
    if (length >= 0) {
      int count =
          Integer.parseInt(head.substring(length + 15, head.indexOf("\r\n", length)).strip());
      body = new String(in.readNBytes(count), StandardCharsets.UTF_8);
    }
    return new Request(first.get(0), first.get(1), head.toString(), body);
  }
}
