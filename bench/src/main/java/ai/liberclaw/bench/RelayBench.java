package ai.liberclaw.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What the api adds to a stream, beside nginx that relays the same streams of the same agent. */
final class RelayBench {
  private static final int STREAMS = 2_000;
  private static final long PAUSE_MS = 100;
  private static final long WARM_UP_SECONDS = 15;
  private static final long RAMP_UP_SECONDS = 12;
  private static final long MEASURED_SECONDS = 15;
  private static final Duration END_WAIT_MAX = Duration.ofSeconds(40);
  private static final int FLOODS = 32;
  private static final long FLOOD_SECONDS = 10;

  private final ApiUnderTest api;
  private final Nginx nginx;
  private final ApiUnderTest.User user;

  /** What one proxy did. */
  private record Paced(
      int failures, double cpuMicros, double lagMs, double residentKb, long events) {}

  RelayBench(ApiUnderTest api, Nginx nginx, ApiUnderTest.User user) {
    this.api = api;
    this.nginx = nginx;
    this.user = user;
  }

  void run() throws IOException, InterruptedException {
    long events = (RAMP_UP_SECONDS + MEASURED_SECONDS + 3) * 1000 / PAUSE_MS;
    String message = "paced " + events + " " + PAUSE_MS;
    // What JVMs compile at their first streams is no part of what a stream costs: neither the
    // api's, nor those of the client and the agent, which both proxies are measured with.
    flood(api.port(), api.pid(), user.chat("flood 5"));
    String warmUp = "paced " + WARM_UP_SECONDS * 1000 / PAUSE_MS + " " + PAUSE_MS;
    end(open(new StreamClient(), nginx.port(), direct(warmUp)));
    end(open(new StreamClient(), api.port(), user.chat(warmUp)));
    Paced ours = paced(api.port(), api.pid(), user.chat(message));
    Paced reference = paced(nginx.port(), nginx.pid(), direct(message));
    System.out.println(
        STREAMS
            + " streams of 10 events/s: "
            + ours.failures
            + " failures of ours, "
            + reference.failures
            + " of nginx; events measured "
            + ours.events
            + " and "
            + reference.events);
    Samples.print("CPU for one event of these", ours.cpuMicros, reference.cpuMicros, "µs");
    Samples.print("lag of an event, p99", ours.lagMs, reference.lagMs, "ms");
    Samples.print("resident for one stream", ours.residentKb, reference.residentKb, "KB");

    double oursPerSecond = flood(api.port(), api.pid(), user.chat("flood " + FLOOD_SECONDS));
    double referencePerSecond = flood(nginx.port(), nginx.pid(), direct("flood " + FLOOD_SECONDS));
    Samples.print("events through it in a second", oursPerSecond, referencePerSecond, "");
  }

  private static Paced paced(int port, long pid, byte[] request)
      throws IOException, InterruptedException {
    StreamClient client = new StreamClient();
    double before = ProcessFacts.residentTreeMb(pid);
    List<Thread> readers = open(client, port, request);
    TimeUnit.SECONDS.sleep(4);
    client.forgetLags();
    long events = client.events();
    double cpu = ProcessFacts.cpuSeconds(pid);
    TimeUnit.SECONDS.sleep(MEASURED_SECONDS);
    events = client.events() - events;
    cpu = ProcessFacts.cpuSeconds(pid) - cpu;
    double lag = client.lagMs(0.99);
    double resident = (ProcessFacts.residentTreeMb(pid) - before) * 1024 / STREAMS;
    if (client.open() < STREAMS) {
      System.out.println("only " + client.open() + " streams were open");
    }
    end(readers);
    return new Paced(client.failures(), cpu * 1e6 / events, lag, resident, events);
  }

  /** Opens all streams, one after the other, so that their events spread over time. */
  private static List<Thread> open(StreamClient client, int port, byte[] request)
      throws InterruptedException {
    List<Thread> readers = new ArrayList<>();
    long between = TimeUnit.SECONDS.toNanos(RAMP_UP_SECONDS - 4) / STREAMS;
    long next = System.nanoTime();
    for (int i = 0; i < STREAMS; i++) {
      readers.add(Thread.ofVirtual().start(() -> client.read(port, request)));
      next += between;
      TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
    }
    return readers;
  }

  /** Events in a second, as fast as the agent writes and the proxy takes them. */
  private static double flood(int port, long pid, byte[] request)
      throws IOException, InterruptedException {
    StreamClient client = new StreamClient();
    double cpu = ProcessFacts.cpuSeconds(pid);
    long begun = System.nanoTime();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < FLOODS; i++) {
      readers.add(Thread.ofVirtual().start(() -> client.read(port, request)));
    }
    end(readers);
    double seconds = (System.nanoTime() - begun) / 1e9;
    cpu = ProcessFacts.cpuSeconds(pid) - cpu;
    System.out.println(
        String.format(
            Locale.ROOT,
            "%d streams without pause: %d events in %.1f s, %.1f s of CPU, %d failures",
            FLOODS,
            client.events(),
            seconds,
            cpu,
            client.failures()));
    return client.events() / seconds;
  }

  /** Waits a while; what is not over then is broken off, and counts as a failure. */
  private static void end(List<Thread> readers) throws InterruptedException {
    long last = System.nanoTime() + END_WAIT_MAX.toNanos();
    for (Thread reader : readers) {
      boolean over = reader.join(Duration.ofNanos(Math.max(1, last - System.nanoTime())));
      if (!over) {
        reader.interrupt();
        reader.join();
      }
    }
  }

  private static byte[] direct(String message) {
    return RawRequest.post("/chat", "", "{\"message\":\"" + message + "\",\"chat_id\":\"bench\"}");
  }
}
