package ai.liberclaw.testkit.aleph;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A loopback port that leads elsewhere, connection by connection, and can be made to fail as paths
 * do.
 */
public final class Forward implements AutoCloseable {
  private static final int CONNECT_TIME_MAX_MS = 5000;
  private static final int BACKLOG = 100;

  private final ServerSocket listener;
  private final Route route;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean silent;
  private volatile Duration idleMax = Duration.ZERO;

  /** Says where a connection goes. It may look at its first bytes, and must reset the stream. */
  interface Route {
    Optional<InetSocketAddress> of(BufferedInputStream first) throws IOException;
  }

  Forward(int port, Route route) throws IOException {
    this.route = route;
    listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("aleph-forward").start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** New connections are accepted and lead nowhere; those there are go on. */
  public void silent(boolean newSilent) {
    silent = newSilent;
  }

  /** Cuts connections over which nothing came from the far side for so long; zero: never. */
  public void idleMax(Duration time) {
    idleMax = time;
  }

  /** Resets every connection. */
  public void cut() {
    for (Socket socket : open) {
      Resets.reset(socket);
    }
  }

  /** Connections that are open now. */
  public int connections() {
    return open.size();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().name("aleph-forwarded").start(() -> serve(socket));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket near) {
    try (near;
        Socket far = new Socket()) {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      BufferedInputStream fromNear = new BufferedInputStream(near.getInputStream());
      if (silent) {
        fromNear.transferTo(OutputStream.nullOutputStream());
        return;
      }
      Optional<InetSocketAddress> target = route.of(fromNear);
      if (target.isEmpty()) {
        return;
      }
      far.connect(target.get(), CONNECT_TIME_MAX_MS);
      far.setSoTimeout(Math.toIntExact(idleMax.toMillis()));
      Thread back = Thread.startVirtualThread(() -> pipe(far, near));
      copy(fromNear, far.getOutputStream());
      far.shutdownOutput();
      back.join();
    } catch (IOException | InterruptedException _) {
      // One of the two left.
    } finally {
      open.remove(near);
    }
  }

  private static void pipe(Socket from, Socket to) {
    try (to) {
      copy(from.getInputStream(), to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException _) {
      // Closing the socket tells the other direction.
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      out.write(buffer, 0, count);
      out.flush();
    }
  }
}
