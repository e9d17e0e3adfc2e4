package ai.liberclaw.bench;

import ai.liberclaw.testkit.process.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The gateway between agents and one fake model: what it adds to the first event beside asking the
 * model directly, and what an event costs it beside nginx in the same place.
 */
final class GatewayBench {
  private static final int WARM_UP = 24_000;
  private static final int SAMPLES = 2_000;

  /** Machines have moods: what counts is the middle one of so many. */
  private static final int WINDOWS = 3;

  private static final int STREAMS = 1_000;
  private static final byte[] EVENT = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LAST_CHUNK = "\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Path jar;
  private final Path scratch;

  GatewayBench(Path jar, Path scratch) {
    this.jar = jar;
    this.scratch = scratch;
  }

  void run() throws IOException, InterruptedException, SQLException {
    Optional<Path> binary = Nginx.find();
    if (binary.isEmpty()) {
      System.err.println(
          "The gateway is measured beside nginx: install Debian's package nginx-light.");
      return;
    }
    int modelPort = ServerProcess.freePort();
    Process model = ApiBench.agent(modelPort);
    Map<String, String> settings =
        Map.of(
            "LIBERCLAW_MODEL_UPSTREAMS",
            services(modelPort),
            "LIBERCLAW_INFERENCE_CALLS_PER_AGENT",
            "10000",
            // Limited, so that limits are looked at, and never reached.
            "LIBERCLAW_BUDGET_GUEST",
            "1000000 USD/day",
            "LIBERCLAW_BUDGET_FREE",
            "1000000 USD/day");
    try (Nginx nginx =
            Nginx.start(
                binary.get(), scratch.resolve("nginx"), ServerProcess.freePort(), modelPort);
        ApiUnderTest api =
            ApiUnderTest.start(jar, scratch.resolve("gateway"), modelPort, settings)) {
      String headers =
          "Authorization: Bearer " + ApiUnderTest.token(api.user("bench-gateway")) + "\r\n";
      firstEvents(api, modelPort, headers);
      new RelayBench(
              api,
              nginx,
              message -> request("/api/v1/inference", headers, message),
              message -> request("", "", message),
              STREAMS)
          .run();
    } finally {
      model.destroy();
    }
  }

  private static String services(int modelPort) {
    return "[{\"name\":\"fake\",\"kind\":\"openai\",\"base_url\":\"http://127.0.0.1:"
        + modelPort
        + "/v1\",\"key\":\"sk-bench\",\"concurrency\":10000,\"models\":[{\"id\":\"bench\","
        + "\"price\":{\"prompt\":0.1,\"completion\":0.4}}]}]";
  }

  private static byte[] request(String base, String headers, String message) {
    return RawRequest.post(
        base + FakeAgent.COMPLETIONS,
        headers,
        "{\"model\":\"bench\",\"stream\":true,\"max_tokens\":1000,\"message\":\""
            + message
            + "\",\"messages\":[]}");
  }

  /** One call after the other, ours and the model's own in turns. */
  private static void firstEvents(ApiUnderTest api, int modelPort, String headers)
      throws IOException {
    byte[] ours = request("/api/v1/inference", headers, "burst 3");
    byte[] direct = request("", "", "burst 3");
    // Kept open, as an agent keeps its own.
    try (Socket gateway = connect(api.port());
        Socket model = connect(modelPort)) {
      Window _ = window(gateway, ours, model, direct, WARM_UP);
      List<Window> windows = new ArrayList<>();
      for (int i = 0; i < WINDOWS; i++) {
        windows.add(window(gateway, ours, model, direct, SAMPLES));
      }
      System.out.println(
          "added to the first event in windows of "
              + SAMPLES
              + " calls: "
              + windows.stream().map(Window::toString).collect(Collectors.joining(", ")));
      windows.sort(Comparator.comparingDouble(each -> each.added.median()));
      Window middle = windows.get(WINDOWS / 2);
      Samples.print(
          "first event of a call, p50", middle.own.median(), middle.reference.median(), "ms");
      Samples.print(
          "first event of a call, p99",
          middle.own.quantile(0.99),
          middle.reference.quantile(0.99),
          "ms");
      System.out.println("added to the first event: " + middle);
    }
  }

  /**
   * What was measured within one.
   *
   * @param added each of ours less the model's own beside it
   */
  private record Window(Samples own, Samples reference, Samples added) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.2f ms p50 and %.2f ms p99", added.median(), added.quantile(0.99));
    }
  }

  private static Window window(Socket gateway, byte[] ours, Socket model, byte[] direct, int calls)
      throws IOException {
    Window window = new Window(new Samples(), new Samples(), new Samples());
    for (int i = 0; i < calls; i++) {
      double us = firstEventMs(gateway, ours);
      double them = firstEventMs(model, direct);
      window.own.add(us);
      window.reference.add(them);
      window.added.add(us - them);
    }
    return window;
  }

  /**
   * From the request's first byte to the first of an event, over a connection that is there. Reads
   * to the end, so that the call is settled before the next one.
   */
  private static double firstEventMs(Socket socket, byte[] request) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[16 * 1024];
    long begun = System.nanoTime();
    socket.getOutputStream().write(request);
    int event = 0;
    int end = 0;
    double first = 0;
    while (end < LAST_CHUNK.length) {
      int count = in.read(buffer);
      if (count < 0) {
        throw new IOException("the stream was cut");
      }
      for (int i = 0; i < count; i++) {
        byte b = buffer[i];
        if (first == 0) {
          event = b == EVENT[event] ? event + 1 : b == EVENT[0] ? 1 : 0;
          first = event == EVENT.length ? (System.nanoTime() - begun) / 1e6 : 0;
        }
        end = b == LAST_CHUNK[end] ? end + 1 : b == LAST_CHUNK[0] ? 1 : 0;
        if (end == LAST_CHUNK.length) {
          break;
        }
      }
    }
    if (first == 0) {
      throw new IOException("no event came");
    }
    return first;
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    return socket;
  }
}
