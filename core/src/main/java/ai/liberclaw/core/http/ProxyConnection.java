package ai.liberclaw.core.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** One connection to a {@link GuardedProxy}: one request, or one tunnel. */
final class ProxyConnection {
  private static final Duration HEAD_MAX = Duration.ofSeconds(10);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

  /** A server may say nothing for this long. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

  private static final Duration LIFE_MAX = Duration.ofMinutes(10);

  /** Both ways together. */
  private static final long BYTES_MAX = 256L << 20;

  private static final int BUFFER_BYTES = 16 * 1024;

  private final GuardedProxy proxy;
  private final Socket client;
  private final AtomicLong bytes = new AtomicLong();
  private final long end = System.nanoTime() + LIFE_MAX.toNanos();

  ProxyConnection(GuardedProxy proxy, Socket client) {
    this.proxy = proxy;
    this.client = client;
  }

  void serve() throws IOException {
    client.setSoTimeout((int) HEAD_MAX.toMillis());
    InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
    ProxyRequest request = ProxyRequest.read(in, HEAD_MAX);
    Optional<ProxyLane> lane = proxy.lane(request.header("Proxy-Authorization"));
    if (lane.isEmpty()) {
      answer(
          "407 Proxy Authentication Required",
          "Proxy-Authenticate: Basic realm=\"" + GuardedProxy.REALM + "\"\r\n");
      return;
    }
    lane.get().opened(client);
    try {
      pass(request, in, lane.get());
    } catch (FetchException e) {
      if (e.reason() == FetchException.Reason.BLOCKED) {
        lane.get().refuse();
        answer("403 Forbidden", "");
      } else {
        answer("400 Bad Request", "");
      }
    } catch (UnknownHostException e) {
      answer("502 Bad Gateway", "");
    } finally {
      lane.get().closed(client);
    }
  }

  private void pass(ProxyRequest request, InputStream in, ProxyLane lane) throws IOException {
    WebAddress address = request.address();
    if (!request.tunnel() && address.host().equals(GuardedProxy.OWN_HOST)) {
      answer("200 OK", "Content-Type: text/plain\r\n");
      return;
    }
    List<InetAddress> checked = proxy.checked(address);
    Optional<Socket> connected = connect(checked, address.port());
    if (connected.isEmpty()) {
      answer("502 Bad Gateway", "");
      return;
    }
    try (Socket server = connected.get()) {
      lane.opened(server);
      if (request.tunnel()) {
        write(
            client,
            "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      } else {
        write(server, request.forwarded());
      }
      // The server's silence ends it; the client may have nothing to say.
      client.setSoTimeout((int) LIFE_MAX.toMillis());
      Thread.ofVirtual().name("guarded-proxy-upload").start(() -> upload(in, server));
      copy(server.getInputStream(), client.getOutputStream());
    } finally {
      lane.closed(connected.get());
    }
  }

  private static Optional<Socket> connect(List<InetAddress> checked, int port) {
    for (InetAddress address : checked) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, port), (int) CONNECT_MAX.toMillis());
        socket.setSoTimeout((int) SILENCE_MAX.toMillis());
        return Optional.of(socket);
      } catch (IOException _) {
        // A host's next address may answer.
        GuardedProxy.quietly(socket);
      }
    }
    return Optional.empty();
  }

  private void upload(InputStream in, Socket server) {
    try {
      copy(in, server.getOutputStream());
    } catch (IOException _) {
      // The other direction ends with it.
    } finally {
      GuardedProxy.quietly(server);
    }
  }

  private void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      if (bytes.addAndGet(n) > BYTES_MAX || System.nanoTime() - end > 0) {
        throw new IOException("a connection over its limit");
      }
      to.write(buffer, 0, n);
    }
  }

  private void answer(String status, String headers) throws IOException {
    String head =
        "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 0\r\nConnection: close\r\n\r\n";
    write(client, head.getBytes(StandardCharsets.US_ASCII));
  }

  private static void write(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }
}
