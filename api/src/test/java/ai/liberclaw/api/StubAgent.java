package ai.liberclaw.api;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A hand-written agent: it answers as scripted, byte by byte, and misbehaves on request. Without
 * capabilities it is one of the original.
 */
final class StubAgent implements AutoCloseable {
  static final String SECRET = "stub-secret-of-43-characters-or-thereabouts";

  private final ServerSocket server;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  final List<Request> requests = new CopyOnWriteArrayList<>();

  record Request(String method, String path, String headers, String body) {}

  /** Answers one request on the bare connection, which is closed afterwards. */
  @FunctionalInterface
  interface Script {
    void run(Request request, Connection connection) throws Exception;
  }

  /**
   * @param in what follows the head: a chunked body is left to the script
   */
  record Connection(Socket socket, InputStream in, OutputStream out) {
    /** The next chunk of the request's body; empty after its end. */
    byte[] requestChunk() throws IOException {
      StringBuilder size = new StringBuilder();
      while (size.indexOf("\r\n") < 0) {
        int b = in.read();
        if (b < 0) {
          throw new IOException("cut off");
        }
        size.append((char) b);
      }
      byte[] bytes = in.readNBytes(Integer.parseInt(size.toString().strip(), 16));
      in.skipNBytes(2);
      return bytes;
    }

    /** The whole chunked body. */
    String requestBody() throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] chunk = requestChunk();
      while (chunk.length > 0) {
        body.writeBytes(chunk);
        chunk = requestChunk();
      }
      return body.toString(StandardCharsets.UTF_8);
    }

    void raw(String bytes) throws IOException {
      out.write(bytes.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    void json(int status, String body) throws IOException {
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      head(
          "HTTP/1.1 " + status + " Whatever",
          "Content-Type: application/json",
          "Content-Length: " + length,
          "Connection: close");
      raw(body);
    }

    void head() throws IOException {
      head(
          "HTTP/1.1 200 OK",
          "Content-Type: text/event-stream",
          "Transfer-Encoding: chunked",
          "Connection: close");
    }

    void head(String... lines) throws IOException {
      raw(String.join("\r\n", lines) + "\r\n\r\n");
    }

    void chunk(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      raw(Integer.toHexString(bytes.length) + "\r\n");
      out.write(bytes);
      raw("\r\n");
    }

    void event(String json) throws IOException {
      chunk("data: " + json + "\n\n");
    }

    void end() throws IOException {
      raw("0\r\n\r\n");
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  /**
   * @param capabilities as {@code /health} lists them
   */
  StubAgent(String... capabilities) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
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

  String origin() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Answers requests whose method and path begin so; the longest match counts. */
  StubAgent on(String start, Script script) {
    scripts.put(start, script);
    return this;
  }

  /** Streams these events as one chat turn. */
  StubAgent onChat(String... events) {
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

  List<Request> requests(String start) {
    return requests.stream().filter(r -> (r.method() + " " + r.path()).startsWith(start)).toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int b = in.read();
        if (b < 0) {
          return;
        }
        head.append((char) b);
      }
      List<String> first = List.of(head.substring(0, head.indexOf("\r\n")).split(" ", -1));
      String body = "";
      int length = head.toString().toLowerCase(java.util.Locale.ROOT).indexOf("content-length:");
      if (length >= 0) {
        int count =
            Integer.parseInt(head.substring(length + 15, head.indexOf("\r\n", length)).strip());
        body = new String(in.readNBytes(count), StandardCharsets.UTF_8);
      }
      Request request = new Request(first.get(0), first.get(1), head.toString(), body);
      requests.add(request);
      String key = first.get(0) + " " + first.get(1);
      Script script =
          scripts.entrySet().stream()
              .filter(e -> key.startsWith(e.getKey()))
              .max(java.util.Comparator.comparingInt(e -> e.getKey().length()))
              .map(Map.Entry::getValue)
              .orElse((_, c) -> c.json(404, "{\"detail\":\"Not Found\"}"));
      script.run(request, new Connection(socket, in, socket.getOutputStream()));
    } catch (SocketException _) {
      // The other side left, as some tests want.
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
