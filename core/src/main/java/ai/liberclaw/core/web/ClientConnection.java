package ai.liberclaw.core.web;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Optional;

/** The connection whose requests a thread serves, from the client's side. */
final class ClientConnection {
  private static final ThreadLocal<ClientConnection> SERVED = new ThreadLocal<>();

  private final Socket socket;
  private final DataReader reader;

  private ClientConnection(Socket socket, DataReader reader) {
    this.socket = socket;
    this.reader = reader;
  }

  /** The calling thread serves this connection until it ends. */
  static void begin(Socket socket, DataReader reader) {
    SERVED.set(new ClientConnection(socket, reader));
  }

  /** Of the calling thread. */
  static Optional<ClientConnection> served() {
    return Optional.ofNullable(SERVED.get());
  }

  /**
   * Whether the client has closed it. Looks for a millisecond, while nobody else reads; what it
   * finds stays for whoever reads next. A client that has sent more is there.
   */
  boolean isClosed() {
    if (reader.available() > 0) {
      return false;
    }
    try {
      int before = socket.getSoTimeout();
      socket.setSoTimeout(1);
      try {
        reader.pullData();
      } finally {
        socket.setSoTimeout(before);
      }
      return false;
    } catch (DataReader.InsufficientDataAvailableException _) {
      return true;
    } catch (ServerConnectionException e) {
      return !isTimeout(e);
    } catch (IOException _) {
      return true;
    }
  }

  private static boolean isTimeout(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }
}
