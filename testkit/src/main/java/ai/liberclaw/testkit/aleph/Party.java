package ai.liberclaw.testkit.aleph;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One server of the network, on a loopback port of its own. It goes wrong on request. */
public final class Party implements AutoCloseable {
  /** What public servers refuse to read further. */
  private static final int BODY_BYTES_MAX = 1 << 20;

  private static final int BACKLOG = 200;

  private final String name;
  private final Handler handler;
  private final List<Planned> faults = new ArrayList<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger inFlightPeak = new AtomicInteger();
  private final int port;
  private volatile ServerSocket listener;
  private volatile Map<String, String> headers = Map.of();

  /** Answers what is asked. */
  interface Handler {
    Reply answer(Request request) throws Exception;
  }

  private record Planned(String start, Fault fault) {}

  Party(String name, int port, Handler handler) throws IOException {
    this.name = name;
    this.handler = handler;
    this.listener = listen(port);
    this.port = listener.getLocalPort();
  }

  /** Such as {@code http://127.0.0.1:4711}. */
  public String origin() {
    return "http://127.0.0.1:" + port;
  }

  public String name() {
    return name;
  }

  /**
   * Goes wrong with the next requests that begin so, one fault each, in this order.
   *
   * @param start such as {@code POST /api/v0/messages}; empty for any
   */
  public Party fault(String start, Fault... next) {
    synchronized (faults) {
      for (Fault fault : next) {
        faults.add(new Planned(start, fault));
      }
    }
    return this;
  }

  /** Forgets faults that have not happened. */
  public Party heal() {
    synchronized (faults) {
      faults.clear();
    }
    return this;
  }

  /** Refuses connections and resets those there are. */
  public void down() throws IOException {
    listener.close();
    for (Socket socket : connections) {
      Resets.reset(socket);
    }
  }

  /** Ends {@link #down}. */
  public void up() throws IOException {
    listener = listen(port);
  }

  /** What came and begins so, oldest first; empty for all. */
  public List<Request> requests(String start) {
    return requests.stream().filter(request -> request.line().startsWith(start)).toList();
  }

  /** The most requests that were at work at one time. */
  public int inFlightPeak() {
    return inFlightPeak.get();
  }

  void headers(Map<String, String> always) {
    headers = Map.copyOf(always);
  }

  @Override
  public void close() throws IOException {
    down();
  }

  private ServerSocket listen(int wanted) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), BACKLOG);
    Thread.ofVirtual().name("aleph-" + name).start(() -> accept(socket));
    return socket;
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket socket = from.accept();
        socket.setTcpNoDelay(true);
        connections.add(socket);
        Thread.ofVirtual().name("aleph-" + name + "-connection").start(() -> serve(socket));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      boolean open = true;
      while (open) {
        Request request = read(in, out);
        if (request == null) {
          return;
        }
        requests.add(request);
        inFlightPeak.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        try {
          open = answer(request, socket, in, out);
        } finally {
          inFlight.decrementAndGet();
        }
      }
    } catch (IOException | InterruptedException _) {
      // The other side left, or this one was closed.
    } finally {
      connections.remove(socket);
    }
  }

  private @Nullable Fault next(Request request) {
    synchronized (faults) {
      for (Planned planned : faults) {
        if (request.line().startsWith(planned.start())) {
          faults.remove(planned);
          return planned.fault();
        }
      }
      return null;
    }
  }

  /** Answers, or goes wrong; false when the connection is to end. */
  private boolean answer(Request request, Socket socket, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    switch (next(request)) {
      case null -> write(out, handle(request));
      case Fault.Status(int status, String body, Map<String, String> more) ->
          write(out, new Reply(status, "application/json", body, more));
      case Fault.Late(var delay) -> {
        Thread.sleep(delay);
        write(out, handle(request));
      }
      case Fault.Silence() -> {
        return waitForEnd(in);
      }
      case Fault.Reset() -> {
        return reset(socket);
      }
      case Fault.AnswerLost() -> {
        handle(request);
        return reset(socket);
      }
      case Fault.AnswerSilent() -> {
        handle(request);
        return waitForEnd(in);
      }
      case Fault.AnswerCut() -> {
        byte[] bytes = bytes(handle(request));
        out.write(bytes, 0, bytes.length - 2);
        out.flush();
        return false;
      }
      case Fault.Malformed() -> write(out, new Reply(200, "text/html", "<html>oops", Map.of()));
      case Fault.Endless() -> {
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n["
                .getBytes(StandardCharsets.US_ASCII));
        byte[] filler = "0,".repeat(4096).getBytes(StandardCharsets.US_ASCII);
        while (true) {
          out.write(filler);
        }
      }
      case Fault.Redirect(String location) ->
          write(out, new Reply(302, "text/plain", "", Map.of("Location", location)));
    }
    return true;
  }

  private Reply handle(Request request) throws IOException, InterruptedException {
    try {
      return request.body().length() > BODY_BYTES_MAX
          ? Reply.text(413, "too large")
          : handler.answer(request);
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean waitForEnd(InputStream in) throws IOException {
    while (in.read() >= 0) {
      // Whatever comes, no answer goes out.
    }
    return false;
  }

  private static boolean reset(Socket socket) {
    Resets.reset(socket);
    return false;
  }

  private void write(OutputStream out, Reply reply) throws IOException {
    out.write(bytes(reply));
    out.flush();
  }

  private byte[] bytes(Reply reply) throws IOException {
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " As-Is\r\n");
    head.append("Content-Type: " + reply.type() + "\r\nContent-Length: " + body.length + "\r\n");
    headers.forEach((key, value) -> head.append(key + ": " + value + "\r\n"));
    reply.headers().forEach((key, value) -> head.append(key + ": " + value + "\r\n"));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    all.write(body);
    return all.toByteArray();
  }

  private @Nullable Request read(InputStream in, OutputStream out) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      fields.put(
          line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    if (fields.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    String[] words = first.split(" ", -1);
    return Request.of(name, words[0], words[1], fields, body(in, fields));
  }

  private static String body(InputStream in, Map<String, String> fields) throws IOException {
    if (!fields.getOrDefault("transfer-encoding", "").contains("chunked")) {
      int length = Integer.parseInt(fields.getOrDefault("content-length", "0"));
      return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int length;
    do {
      String size = line(in);
      length = size == null ? 0 : Integer.parseInt(size, 16);
      body.write(in.readNBytes(length));
      line(in);
    } while (length > 0);
    return body.toString(StandardCharsets.UTF_8);
  }

  private static @Nullable String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }
}
