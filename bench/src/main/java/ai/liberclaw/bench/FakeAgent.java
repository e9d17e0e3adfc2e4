package ai.liberclaw.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An agent that costs as little as possible, in a process of its own: what the relay is fed with.
 * What it streams is asked for by the message: {@code paced <events> <milliseconds between>},
 * {@code flood <seconds>}, {@code short <events>}. Each event carries the time it was made, in
 * nanoseconds of the machine's clock, between two {@code @}.
 */
public final class FakeAgent {
  /** Where it is a model, of the same words. */
  static final String COMPLETIONS = "/v1/chat/completions";

  private static final String PADDING = "a word or two of an answer that goes on for a line";
  private static final int FLOOD_BLOCK_EVENTS = 64;

  /** It has a message's way of our own agent, which is what a chat costs most days. */
  private static final String HEALTH =
      "{\"status\":\"ok\",\"version\":10,\"capabilities\":"
          + "[\"queue\",\"resume\",\"deltas\",\"channels\"]}";

  private final Pacer pacer = new Pacer();

  private FakeAgent() {
    pacer.start();
  }

  public static void main(String[] args) throws IOException {
    new FakeAgent().run(args);
  }

  private void run(String[] args) throws IOException {
    try (ServerSocket socket =
        new ServerSocket(Integer.parseInt(args[0]), 4096, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket client = socket.accept();
        client.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> serve(client));
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      for (String head = head(in); !head.isEmpty(); head = head(in)) {
        String body = new String(in.readNBytes(length(head)), StandardCharsets.UTF_8);
        if (head.startsWith("POST /chat ") || head.startsWith("POST " + COMPLETIONS + " ")) {
          stream(out, body);
        } else if (head.startsWith("GET /health ")) {
          answer(out, HEALTH);
        } else {
          answer(out, "{\"messages\":[]}");
        }
      }
    } catch (IOException | InterruptedException _) {
      // The client is gone.
    }
  }

  private void stream(OutputStream out, String body) throws IOException, InterruptedException {
    out.write(
        ascii(
            """
            HTTP/1.1 200 OK\r
            Content-Type: text/event-stream\r
            Transfer-Encoding: chunked\r
            \r
            """));
    int from = body.indexOf("\"message\":\"") + "\"message\":\"".length();
    String[] words = body.substring(from, body.indexOf('"', from)).split(" ", -1);
    switch (words[0]) {
      case "paced" ->
          pacer.write(
              out, FakeAgent::writeEvent, Integer.parseInt(words[1]), Long.parseLong(words[2]));
      case "flood" -> flood(out, Long.parseLong(words[1]));
      default -> {
        for (int i = Integer.parseInt(words[1]); i > 0; i--) {
          writeEvent(out);
        }
      }
    }
    chunk(out, ascii("data: {\"type\": \"done\"}\n\n"));
    if (!body.startsWith("{\"message\"")) {
      chunk(out, ascii("data: [DONE]\n\n"));
    }
    out.write(ascii("0\r\n\r\n"));
  }

  private static void writeEvent(OutputStream out) throws IOException {
    chunk(out, event(System.nanoTime()));
  }

  private static void flood(OutputStream out, long seconds) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < FLOOD_BLOCK_EVENTS; i++) {
      chunk(block, event(0));
    }
    byte[] bytes = block.toByteArray();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      out.write(bytes);
      // A write that never blocks would keep the other streams from their turn.
      LockSupport.parkNanos(1);
    }
  }

  private static byte[] event(long time) {
    return ascii("data: {\"type\": \"text\", \"content\": \"@" + time + "@ " + PADDING + "\"}\n\n");
  }

  private static void chunk(OutputStream out, byte[] bytes) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream(bytes.length + 16);
    chunk.write(ascii(Integer.toHexString(bytes.length) + "\r\n"));
    chunk.write(bytes);
    chunk.write(ascii("\r\n"));
    chunk.writeTo(out);
  }

  private static void answer(OutputStream out, String body) throws IOException {
    out.write(
        ascii(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body));
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ends = 0;
    while (ends < 4) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      ends = next == '\r' || next == '\n' ? ends + 1 : 0;
      head.write(next);
    }
    return head.toString(StandardCharsets.UTF_8);
  }

  private static int length(String head) {
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        return Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    return 0;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
