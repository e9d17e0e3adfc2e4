package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A chunked answer on a connection of its own, of which nothing is lost or forgiven. */
final class BareStream implements AutoCloseable {
  private static final int SILENCE_MAX_MS = 30_000;

  private final Socket socket;
  private final InputStream in;
  private final StringBuilder body = new StringBuilder();
  private boolean opened;

  BareStream(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    socket.setSoTimeout(SILENCE_MAX_MS);
  }

  /** Reads until the body contains this text. */
  void until(String text) throws IOException {
    while (body.indexOf(text) < 0) {
      assertTrue(chunk(), "ended without " + text + ": " + body);
    }
  }

  /**
   * Reads to the last chunk and returns all events, keepalives left out.
   *
   * @throws IOException when the body is cut, or its connection is reset
   */
  List<JsonNode> events() throws IOException {
    while (chunk()) {
      // Read on.
    }
    List<JsonNode> events = new ArrayList<>();
    assertTrue(body.toString().endsWith("\n\n"), body::toString);
    for (String event : body.substring(0, body.length() - 2).split("\n\n", -1)) {
      assertTrue(event.startsWith("data: "), "not an unnumbered event: " + event);
      JsonNode json = Json.parse(event.substring("data: ".length()));
      if (!json.path("type").asText().equals("keepalive")) {
        events.add(json);
      }
    }
    return events;
  }

  /**
   * Waits for the other side to close; nothing may come before.
   *
   * @throws IOException when it resets the connection instead
   */
  void awaitClosed() throws IOException {
    assertEquals(-1, in.read());
  }

  /** Leaves as a phone without a network does. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** False for the last one. */
  private boolean chunk() throws IOException {
    if (!opened) {
      assertEquals("HTTP/1.1 200 OK", line());
      while (!line().isEmpty()) {
        // Headers are not looked at.
      }
      opened = true;
    }
    int length = Integer.parseInt(line(), 16);
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("cut off");
    }
    body.append(new String(bytes, StandardCharsets.UTF_8));
    assertEquals("", line());
    return length > 0;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("cut off");
      }
      line.append((char) b);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
