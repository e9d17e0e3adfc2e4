package ai.liberclaw.api;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a chat stream from the bare socket, so that tests see every byte. */
final class ChatClient implements AutoCloseable {
  /** The grammar of the contract; an id line may precede. */
  private static final Pattern EVENT = Pattern.compile("(id: [0-9]+\n)?data: (\\{[^\\n]*\\})\n\n");

  private final Socket socket;
  private final InputStream in;
  private String head = "";

  private ChatClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    socket.setSoTimeout((int) TestApi.DEADLINE.toMillis());
  }

  static ChatClient open(
      TestApi api, String method, String path, String token, @Nullable String body, String... lines)
      throws IOException {
    ChatClient client =
        new ChatClient(new Socket(InetAddress.getLoopbackAddress(), api.server.port()));
    byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
    StringBuilder request = new StringBuilder();
    request.append(method).append(" /api/v1").append(path).append(" HTTP/1.1\r\nHost: x\r\n");
    request.append("Authorization: Bearer ").append(token).append("\r\n");
    for (String line : lines) {
      request.append(line).append("\r\n");
    }
    if (body != null) {
      request.append("Content-Type: application/json\r\nContent-Length: ");
      request.append(bytes.length).append("\r\n");
    }
    request.append("\r\n");
    client.socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
    client.socket.getOutputStream().write(bytes);
    client.socket.getOutputStream().flush();
    return client;
  }

  /** The status line and headers. */
  String head() throws IOException {
    if (head.isEmpty()) {
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\r\n\r\n") < 0) {
        int b = in.read();
        if (b < 0) {
          throw new IOException("closed within the head: " + text);
        }
        text.append((char) b);
      }
      head = text.toString();
    }
    return head;
  }

  /** The next chunk of the body; null after its proper end. */
  @Nullable String chunk() throws IOException {
    if (!head().toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
      throw new AssertionError("no stream: " + head);
    }
    StringBuilder size = new StringBuilder();
    while (size.indexOf("\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("cut off");
      }
      size.append((char) b);
    }
    int count = Integer.parseInt(size.toString().strip(), 16);
    byte[] bytes = in.readNBytes(count);
    in.readNBytes(2);
    return count == 0 ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  /** The whole body, which must end properly. */
  String body() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    String chunk;
    while ((chunk = chunk()) != null) {
      all.writeBytes(chunk.getBytes(StandardCharsets.UTF_8));
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /** The events of the whole body, checked against the grammar, keepalives left out. */
  List<JsonNode> events() throws IOException {
    return events(body());
  }

  static List<JsonNode> events(String body) {
    if (!body.matches("(" + EVENT.pattern() + ")*")) {
      throw new AssertionError("not the grammar: " + body);
    }
    List<JsonNode> events = new ArrayList<>();
    var matcher = EVENT.matcher(body);
    while (matcher.find()) {
      JsonNode event = Json.parse(matcher.group(2));
      if (!event.path("type").asText().equals("keepalive")) {
        events.add(event);
      }
    }
    return events;
  }

  /** Reads until the body so far contains this text. */
  String until(String text) throws IOException {
    StringBuilder body = new StringBuilder();
    while (body.indexOf(text) < 0) {
      String chunk = chunk();
      if (chunk == null) {
        throw new AssertionError("ended without " + text + ": " + body);
      }
      body.append(chunk);
    }
    return body.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
