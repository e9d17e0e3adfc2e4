package ai.liberclaw.testkit.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bare connection on which a {@link StubAgent} answers. */
public final class StubConnection {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final boolean keepAlive;
  private boolean reusable;

  StubConnection(Socket socket, InputStream in, boolean keepAlive) throws IOException {
    this.socket = socket;
    this.in = in;
    this.out = socket.getOutputStream();
    this.keepAlive = keepAlive;
  }

  public Socket socket() {
    return socket;
  }

  /** The next chunk of the request's body, which is left to the script; empty after its end. */
  public byte[] requestChunk() throws IOException {
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
  public String requestBody() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] chunk = requestChunk();
    while (chunk.length > 0) {
      body.writeBytes(chunk);
      chunk = requestChunk();
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  /** What is written here is sent as it is. */
  public OutputStream out() {
    return out;
  }

  /** These bytes and nothing else. */
  public void raw(String bytes) throws IOException {
    out.write(bytes.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** A whole answer. */
  public void json(int status, String body) throws IOException {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    head(status, "Content-Type: application/json", "Content-Length: " + length);
    raw(body);
    reusable = true;
  }

  /** The head of an event stream. */
  public void head() throws IOException {
    head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked");
  }

  /** Any head, line by line. */
  public void head(String... lines) throws IOException {
    reusable = false;
    raw(String.join("\r\n", lines) + "\r\n\r\n");
  }

  private void head(int status, String... lines) throws IOException {
    reusable = false;
    List<String> head = new ArrayList<>(List.of("HTTP/1.1 " + status + " Whatever"));
    head.addAll(List.of(lines));
    if (!keepAlive) {
      head.add("Connection: close");
    }
    raw(String.join("\r\n", head) + "\r\n\r\n");
  }

  /** One chunk of a body. */
  public void chunk(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    raw(Integer.toHexString(bytes.length) + "\r\n");
    out.write(bytes);
    raw("\r\n");
  }

  /** One event without a number, in a chunk of its own. */
  public void event(String json) throws IOException {
    chunk("data: " + json + "\n\n");
  }

  /** The proper end of a stream. */
  public void end() throws IOException {
    raw("0\r\n\r\n");
    reusable = true;
  }

  /** Ends the connection the hard way. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Blocks until the other side leaves; what it still sends is ignored. */
  public void awaitLeave() throws IOException {
    while (socket.getInputStream().read() >= 0) {
      // Nothing that is sent now matters.
    }
  }

  boolean isReusable() {
    return reusable;
  }
}
