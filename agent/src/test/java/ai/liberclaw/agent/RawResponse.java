package ai.liberclaw.agent;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One HTTP answer read from a plain socket, byte by byte, while it arrives. */
public final class RawResponse implements AutoCloseable {
  /** Longer than anything a test waits for. */
  private static final Duration READ_MAX = Duration.ofSeconds(30);

  private final Socket socket;
  private final InputStream in;
  private final int status;
  private final Map<String, String> headers = new HashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private long left;
  private boolean ended;

  private RawResponse(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.status = Integer.parseInt(line().split(" ")[1]);
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    if (!isChunked()) {
      left = Long.parseLong(headers.getOrDefault("content-length", "0"));
      ended = left == 0;
    }
  }

  /** Sends a request and reads the head of its answer. */
  public static RawResponse send(
      int port, String method, String path, Map<String, String> headers, String body)
      throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) READ_MAX.toMillis());
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: test\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (bytes.length > 0) {
      head.append("Content-Type: application/json\r\n");
    }
    head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return new RawResponse(socket);
  }

  /** Announces a body and sends nothing of it. */
  public static RawResponse announce(
      int port, String path, Map<String, String> headers, long bodyBytes) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) READ_MAX.toMillis());
    StringBuilder head = new StringBuilder();
    head.append("POST ").append(path).append(" HTTP/1.1\r\nHost: test\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Type: application/json\r\nContent-Length: ").append(bodyBytes);
    head.append("\r\n\r\n");
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    return new RawResponse(socket);
  }

  public int status() {
    return status;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The whole body as it was sent, without chunk borders. */
  public String text() throws IOException {
    int next = read();
    while (next >= 0) {
      next = read();
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  public JsonNode json() throws IOException {
    return Json.parse(text());
  }

  /** The next event with its id, if it has one; empty at the end of the stream. */
  public Optional<Event> event() throws IOException {
    Optional<Long> id = Optional.empty();
    StringBuilder line = new StringBuilder();
    for (int next = read(); next >= 0; next = read()) {
      if (next != '\n') {
        line.append((char) next);
        continue;
      }
      String text = line.toString();
      line.setLength(0);
      if (text.startsWith("id: ")) {
        id = Optional.of(Long.parseLong(text.substring(4)));
      } else if (text.startsWith("data: ")) {
        return Optional.of(new Event(id, Json.parse(text.substring(6))));
      }
    }
    return Optional.empty();
  }

  /** Reads on to the first event of a type. */
  public Event until(String type) throws IOException {
    while (true) {
      Event event = event().orElseThrow(() -> new EOFException("no " + type + " in " + body));
      if (event.type().equals(type)) {
        return event;
      }
    }
  }

  /** All events to the end of the stream but keepalives. */
  public List<Event> events() throws IOException {
    List<Event> events = new ArrayList<>();
    for (Optional<Event> event = event(); event.isPresent(); event = event()) {
      if (!event.get().type().equals("keepalive")) {
        events.add(event.get());
      }
    }
    return events;
  }

  /** Types of all events to the end of the stream but keepalives. */
  public List<String> types() throws IOException {
    return events().stream().map(Event::type).toList();
  }

  /** Cuts the connection. */
  @Override
  public void close() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private boolean isChunked() {
    return headers.getOrDefault("transfer-encoding", "").equals("chunked");
  }

  private int read() throws IOException {
    if (ended) {
      return -1;
    }
    if (left == 0) {
      left = Long.parseLong(line().strip(), 16);
      if (left == 0) {
        ended = true;
        return -1;
      }
    }
    int next = in.read();
    if (next < 0) {
      throw new EOFException("cut after " + body);
    }
    body.write(next);
    left--;
    if (left == 0) {
      if (isChunked()) {
        String border = line();
        if (!border.isEmpty()) {
          throw new IOException("bad chunk border: " + border);
        }
      } else {
        ended = true;
      }
    }
    return next;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("cut after " + body);
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  /** One event of a stream. */
  public record Event(Optional<Long> id, JsonNode json) {
    public String type() {
      return json.path("type").asText();
    }

    public String content() {
      return json.path("content").asText();
    }

    /** 0 for an event without a number. */
    public long seq() {
      return json.path("seq").asLong();
    }
  }
}
