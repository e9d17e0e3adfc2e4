package ai.liberclaw.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/** Sends requests one after the other, over one connection as long as the server keeps it. */
final class KeepAliveClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 30_000;

  private final int port;
  private Socket socket;
  private InputStream in;

  KeepAliveClient(int port) throws IOException {
    this.port = port;
    this.socket = new Socket();
    this.in = InputStream.nullInputStream();
    connect();
  }

  /**
   * Waits for the whole answer.
   *
   * @throws IOException also when it is no success
   */
  void exchange(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    String status = line();
    boolean chunked = false;
    boolean last = false;
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String header = line.toLowerCase(Locale.ROOT);
      chunked |= header.equals("transfer-encoding: chunked");
      last |= header.equals("connection: close");
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).strip());
      }
    }
    if (!status.startsWith("HTTP/1.1 2")) {
      throw new IOException(status);
    }
    if (chunked) {
      for (int size = chunk(); size > 0; size = chunk()) {
        in.skipNBytes(size + 2L);
      }
      String ignored = line();
    } else {
      in.skipNBytes(length);
    }
    if (last) {
      socket.close();
      connect();
    }
  }

  private void connect() throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  private int chunk() throws IOException {
    return Integer.parseInt(line().strip(), 16);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
