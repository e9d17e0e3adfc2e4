package ai.liberclaw.agent.webchat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between browser and agent that can fail. */
final class Relay implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean down;

  Relay(int target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Cuts what is connected and all that tries to, until it is up again. */
  void down(boolean isDown) {
    down = isDown;
    if (isDown) {
      open.forEach(Relay::cut);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        if (down) {
          near.close();
          continue;
        }
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(near);
        open.add(far);
        Thread.ofVirtual().start(() -> copy(near, far));
        Thread.ofVirtual().start(() -> copy(far, near));
      } catch (IOException _) {
        // The next connection, or the end.
      }
    }
  }

  private void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException _) {
      // Cut, here or at its end.
    }
    cut(from);
    cut(to);
    open.remove(from);
    open.remove(to);
  }

  private static void cut(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // Gone is gone.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(Relay::cut);
  }
}
