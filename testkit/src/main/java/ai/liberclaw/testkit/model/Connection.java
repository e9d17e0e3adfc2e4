package ai.liberclaw.testkit.model;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One HTTP/1.1 connection, kept alive, written by hand so that it can break anywhere. */
final class Connection {
  private final ModelServer server;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /** Bytes of the stream at hand. */
  private int written;

  Connection(ModelServer server, Socket socket) throws IOException {
    this.server = server;
    this.socket = socket;
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Until the client closes or an answer ends the connection. */
  void serve() throws IOException, InterruptedException {
    boolean keep = true;
    while (keep) {
      String[] words = line().split(" ", 3);
      Map<String, String> headers = headers();
      String expect = headers.getOrDefault("expect", "");
      if (expect.equalsIgnoreCase("100-continue")) {
        out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      byte[] body = body(headers);
      keep = write(server.answer(words[1], headers, body), words[1], body);
    }
  }

  private boolean write(ModelAnswer answer, String path, byte[] request)
      throws IOException, InterruptedException {
    think(answer.headPause());
    if (answer.status() != 200 || !answer.body().isEmpty()) {
      return whole(answer, answer.body());
    }
    Dialect dialect = Dialect.of(path).orElseThrow();
    boolean stream = Json.parse(request) instanceof ObjectNode json && dialect.streams(json);
    if (answer.manner().json() || (!stream && answer.chunks().isEmpty())) {
      return whole(answer, dialect.whole(answer, "test-model"));
    }
    return stream(answer, dialect);
  }

  /**
   * Waits.
   *
   * @throws IOException when the client leaves meanwhile
   */
  private void think(Duration pause) throws IOException {
    if (!pause.isPositive()) {
      return;
    }
    socket.setSoTimeout((int) Math.max(1, pause.toMillis()));
    try {
      // Until it has its answer a client has nothing to send.
      throw new IOException(in.read() < 0 ? "the client left" : "the client sent too much");
    } catch (SocketTimeoutException _) {
      socket.setSoTimeout(0);
    }
  }

  private boolean whole(ModelAnswer answer, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    if (answer.breaks() == ModelAnswer.Break.CUT) {
      head(answer, "application/json", "Content-Length: " + (body.length + 100));
      out.write(body);
      return false;
    }
    head(answer, "application/json", "Content-Length: " + body.length);
    out.write(body);
    out.flush();
    return true;
  }

  private boolean stream(ModelAnswer answer, Dialect dialect)
      throws IOException, InterruptedException {
    boolean chunked = answer.manner().chunked();
    written = 0;
    head(
        answer, dialect.streamType(), chunked ? "Transfer-Encoding: chunked" : "Connection: close");
    List<String> events = dialect.events(answer, "test-model");
    for (int i = 0; i < events.size(); i++) {
      Thread.sleep(answer.chunkPause());
      if (i == answer.breakAfter()) {
        switch (answer.breaks()) {
          case NOTHING, CUT_AT_BYTE -> {}
          case CUT -> {
            socket.setSoLinger(true, 0);
            return false;
          }
          case STALL -> {
            // Ends when the client closes; nothing else is due from it.
            in.read();
            return false;
          }
          case ERROR -> {
            event(answer, dialect, dialect.error());
            end(answer);
            return chunked;
          }
          case MALFORMED -> {
            event(answer, dialect, dialect.malformed());
            end(answer);
            return chunked;
          }
        }
      }
      if (!event(answer, dialect, events.get(i))) {
        return false;
      }
    }
    end(answer);
    return chunked;
  }

  private void head(ModelAnswer answer, String type, String framing) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " Scripted\r\n");
    head.append("Content-Type: " + type + "\r\n" + framing + "\r\n");
    answer.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** Writes one event; false when the answer was to be cut inside it, and was. */
  private boolean event(ModelAnswer answer, Dialect dialect, String data) throws IOException {
    String lineEnd = answer.manner().crlf() ? "\r\n" : "\n";
    byte[] bytes = dialect.frame(data, lineEnd).getBytes(StandardCharsets.UTF_8);
    if (answer.breaks() == ModelAnswer.Break.CUT_AT_BYTE) {
      int left = answer.breakAfter() - written;
      written += bytes.length;
      if (left < bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(0, left));
        write(answer, bytes);
        return false;
      }
    }
    write(answer, bytes);
    return true;
  }

  private void write(ModelAnswer answer, byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    int step = answer.manner().writeBytes() == 0 ? bytes.length : answer.manner().writeBytes();
    for (int start = 0; start < bytes.length; start += step) {
      int count = Math.min(step, bytes.length - start);
      if (answer.manner().chunked()) {
        out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      }
      out.write(bytes, start, count);
      if (answer.manner().chunked()) {
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      out.flush();
    }
  }

  private void end(ModelAnswer answer) throws IOException {
    if (answer.manner().chunked()) {
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    return headers;
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (!headers.getOrDefault("transfer-encoding", "").contains("chunked")) {
      return in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int length = Integer.parseInt(line(), 16); length > 0; ) {
      body.write(in.readNBytes(length));
      line();
      length = Integer.parseInt(line(), 16);
    }
    line();
    return body.toByteArray();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed");
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }
}
