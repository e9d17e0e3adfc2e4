package ai.liberclaw.testkit.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwardTest {
  private ServerSocket echo;
  private Forward forward;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    InetSocketAddress target =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.getLocalPort());
    forward = new Forward(0, _ -> Optional.of(target));
    Thread.startVirtualThread(this::serve);
  }

  @AfterEach
  void stop() throws IOException {
    forward.close();
    echo.close();
  }

  @Test
  void bytesGoBothWaysUntilOneSideEnds() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write('x');
      assertEquals('x', socket.getInputStream().read());
      socket.shutdownOutput();
      assertEquals(-1, socket.getInputStream().read());
    }
    Await.until("it is closed", Duration.ofSeconds(3), () -> forward.connections() == 0);
  }

  @Test
  void aSilentPathAcceptsAndSaysNothing() throws Exception {
    forward.silent(true);
    try (Socket socket = connect()) {
      socket.setSoTimeout(200);
      socket.getOutputStream().write('x');
      assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
    }
  }

  @Test
  void anIdlePathIsCutAndAllPathsCanBe() throws Exception {
    forward.idleMax(Duration.ofMillis(100));
    try (Socket socket = connect()) {
      assertEquals(-1, socket.getInputStream().read());
    }
    forward.idleMax(Duration.ZERO);
    try (Socket socket = connect()) {
      socket.getOutputStream().write('x');
      assertEquals('x', socket.getInputStream().read());
      forward.cut();
      assertThrows(SocketException.class, () -> socket.getInputStream().read());
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), forward.port());
    socket.setSoTimeout(5000);
    return socket;
  }

  private void serve() {
    try {
      while (true) {
        Socket socket = echo.accept();
        Thread.startVirtualThread(() -> {
          try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
          } catch (IOException _) {
            // The other side left.
          }
        });
      }
    } catch (IOException _) {
      // Closed.
    }
  }
}
