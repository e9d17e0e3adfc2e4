package ai.liberclaw.testkit.sse;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request over a plain socket (HTTP/1.1, {@code Connection: close}), its answer read in the
 * background. The body is kept byte for byte, without chunk framing, so that a test can compare it
 * with the grammar; events are cut at LF LF alone, as the product writes them.
 */
public final class RawSse implements AutoCloseable {
  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(20);

  private final Socket socket;
  private final int status;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final Thread reader;
  private volatile boolean complete;
  private int eventStart;

  /**
   * One event as it came.
   *
   * @param raw its bytes with the blank line, as ISO 8859-1 text
   * @param arrivedNanos {@link System#nanoTime} when its last byte came
   */
  public record Event(String raw, long arrivedNanos) {
    /** The {@code data: } line's text; empty when there is none. */
    public String data() {
      return field("data: ");
    }

    /** The {@code id: } line's text; empty when there is none. */
    public String id() {
      return field("id: ");
    }

    public JsonNode json() {
      return Json.parse(data());
    }

    /** The {@code type} of the data; empty when there is none. */
    public String type() {
      return json().path("type").asText();
    }

    private String field(String prefix) {
      return raw.lines()
          .filter(line -> line.startsWith(prefix))
          .map(line ->
              new String(
                  line.substring(prefix.length()).getBytes(StandardCharsets.ISO_8859_1),
                  StandardCharsets.UTF_8))
          .findFirst()
          .orElse("");
    }
  }

  /** An event, or the end of the body. */
  private record Arrival(@Nullable Event event) {}

  private RawSse(URI uri, String method, Map<String, String> requestHeaders, byte[] requestBody)
      throws IOException {
    socket = new Socket(uri.getHost(), uri.getPort());
    socket.setTcpNoDelay(true);
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    StringBuilder head =
        new StringBuilder(method + " " + path + query + " HTTP/1.1\r\n")
            .append("Host: " + uri.getHost() + ":" + uri.getPort() + "\r\nConnection: close\r\n");
    requestHeaders.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    if (!method.equals("GET")) {
      head.append(
          "Content-Type: application/json\r\nContent-Length: " + requestBody.length + "\r\n");
    }
    socket
        .getOutputStream()
        .write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().write(requestBody);
    socket.getOutputStream().flush();
    socket.setSoTimeout((int) HEAD_TIMEOUT.toMillis());
    InputStream in = new BufferedInputStream(socket.getInputStream());
    status = Integer.parseInt(line(in).split(" ", 3)[1]);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
    }
    socket.setSoTimeout(0);
    reader = Thread.ofVirtual().name("raw-sse").start(() -> read(in));
  }

  public static RawSse get(URI uri, Map<String, String> headers) throws IOException {
    return new RawSse(uri, "GET", headers, new byte[0]);
  }

  /** Sends a JSON body. */
  public static RawSse post(URI uri, Map<String, String> headers, String json) throws IOException {
    return new RawSse(uri, "POST", headers, json.getBytes(StandardCharsets.UTF_8));
  }

  public int status() {
    return status;
  }

  /** A response header by its name in any case; empty when it is not there. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /**
   * The next event.
   *
   * @throws AssertionError when none comes in time, or the body ends first
   */
  public Event next(Duration timeout) throws InterruptedException {
    Event event = poll(timeout).event();
    if (event == null) {
      arrivals.add(new Arrival(null));
      throw new AssertionError("the stream ended; so far: " + bodyText());
    }
    return event;
  }

  /** The events up to the next of this type, which is the last of the list. */
  public List<Event> through(String type, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<Event> events = new ArrayList<>();
    do {
      events.add(next(Duration.ofNanos(Math.max(0, deadline - System.nanoTime()))));
    } while (!events.getLast().type().equals(type));
    return events;
  }

  /** All further events up to the end of the body. */
  public List<Event> rest(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<Event> events = new ArrayList<>();
    while (true) {
      Event event = poll(Duration.ofNanos(Math.max(0, deadline - System.nanoTime()))).event();
      if (event == null) {
        arrivals.add(new Arrival(null));
        return events;
      }
      events.add(event);
    }
  }

  /** Everything of the body so far, without chunk framing. */
  public byte[] body() {
    synchronized (body) {
      return body.toByteArray();
    }
  }

  public String bodyText() {
    return new String(body(), StandardCharsets.UTF_8);
  }

  /** The whole body of an answer that ends. */
  public String bodyText(Duration timeout) throws InterruptedException {
    reader.join(timeout);
    return bodyText();
  }

  /** Whether the body came to its proper end: the last chunk, the announced length, or a close. */
  public boolean isComplete() {
    return complete;
  }

  /** Resets the connection, as a phone that lost its network would have it seem. */
  public void cut() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Arrival poll(Duration timeout) throws InterruptedException {
    Arrival arrival = arrivals.poll(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
    if (arrival == null) {
      throw new AssertionError(
          "no event within " + timeout.toMillis() + " ms; so far: " + bodyText());
    }
    return arrival;
  }

  private void read(InputStream in) {
    try {
      if (header("Transfer-Encoding").toLowerCase(Locale.ROOT).contains("chunked")) {
        int length;
        while ((length = Integer.parseInt(line(in).strip(), 16)) > 0) {
          take(in, length);
          line(in);
        }
      } else {
        String length = header("Content-Length");
        take(in, length.isEmpty() ? Long.MAX_VALUE : Long.parseLong(length));
      }
      complete = true;
    } catch (IOException | NumberFormatException _) {
      // Cut off; isComplete tells.
    }
    arrivals.add(new Arrival(null));
  }

  private void take(InputStream in, long length) throws IOException {
    byte[] piece = new byte[8192];
    long left = length;
    while (left > 0) {
      int count = in.read(piece, 0, (int) Math.min(piece.length, left));
      if (count < 0) {
        if (length == Long.MAX_VALUE) {
          return;
        }
        throw new IOException("cut off");
      }
      left -= count;
      append(piece, count);
    }
  }

  private void append(byte[] piece, int count) {
    long now = System.nanoTime();
    synchronized (body) {
      int before = body.size();
      body.write(piece, 0, count);
      byte[] all = body.toByteArray();
      for (int i = Math.max(before, eventStart + 1); i < all.length; i++) {
        if (all[i] == '\n' && all[i - 1] == '\n') {
          String raw = new String(all, eventStart, i + 1 - eventStart, StandardCharsets.ISO_8859_1);
          eventStart = i + 1;
          arrivals.add(new Arrival(new Event(raw, now)));
          i++;
        }
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("cut off");
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }
}
