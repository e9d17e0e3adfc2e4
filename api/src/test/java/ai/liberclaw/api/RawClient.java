package ai.liberclaw.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One connection of a client whose every byte the test decides. */
final class RawClient implements AutoCloseable {
  private final Socket socket;
  private final URI base;

  /**
   * What came back.
   *
   * @param headers names in lower case
   */
  record Answer(int status, Map<String, String> headers, String body) {}

  RawClient(URI base) throws IOException {
    this.base = base;
    this.socket = new Socket(base.getHost(), base.getPort());
    socket.setSoTimeout(30_000);
  }

  /**
   * Sends a request and does not wait.
   *
   * @param headers lines as they are sent, each with its end; the length is added
   */
  void post(String path, String headers, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    String head =
        "POST %s%s HTTP/1.1\r\nHost: %s:%d\r\n%sContent-Length: %d\r\n\r\n"
            .formatted(base.getPath(), path, base.getHost(), base.getPort(), headers, bytes.length);
    socket.getOutputStream().write(head.getBytes(UTF_8));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** The next answer, which has a length. */
  Answer answer() throws IOException {
    InputStream in = socket.getInputStream();
    int status = Integer.parseInt(line(in).split(" ", 3)[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String[] parts = line.split(":", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
    }
    int length = Integer.parseInt(headers.get("content-length"));
    return new Answer(status, headers, new String(in.readNBytes(length), UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
