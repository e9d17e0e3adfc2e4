package ai.liberclaw.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the api adds to a stream, beside nginx that relays the same streams of the same agent. */
final class RelayBench {
  private static final long PAUSE_MS = 100;
  private static final long WARM_UP_SECONDS = 15;
  private static final long RAMP_UP_SECONDS = 12;
  private static final long MEASURED_SECONDS = 15;

  /** Machines stall for reasons of their own: the lag is that of the middle one of so many. */
  private static final int WINDOWS = 3;

  private static final Duration END_WAIT_MAX = Duration.ofSeconds(40);
  private static final int FLOODS = 32;
  private static final long FLOOD_SECONDS = 10;

  private final ApiUnderTest api;
  private final Nginx nginx;
  private final Function<String, byte[]> request;
  private final Function<String, byte[]> direct;
  private final int streams;

  /** What one proxy did. */
  private record Paced(
      int failures, double cpuMicros, double lagMs, double residentKb, long events) {}

  /**
   * @param request of ours for a message to the fake agent
   * @param direct the same of nginx
   * @param streams at a time
   */
  RelayBench(
      ApiUnderTest api,
      Nginx nginx,
      Function<String, byte[]> request,
      Function<String, byte[]> direct,
      int streams) {
    this.api = api;
    this.nginx = nginx;
    this.request = request;
    this.direct = direct;
    this.streams = streams;
  }

  void run() throws IOException, InterruptedException {
    long events = (RAMP_UP_SECONDS + MEASURED_SECONDS + 3) * 1000 / PAUSE_MS;
    String message = "paced " + events + " " + PAUSE_MS;
    // What JVMs compile at their first streams is no part of what a stream costs: neither the
    // api's, nor those of the client and the service, which both proxies are measured with.
    flood(api.port(), api.pid(), request.apply("flood 5"));
    String warmUp = "paced " + WARM_UP_SECONDS * 1000 / PAUSE_MS + " " + PAUSE_MS;
    double oursIdleMb = ProcessFacts.residentTreeMb(api.pid());
    double referenceIdleMb = ProcessFacts.residentTreeMb(nginx.pid());
    try (StreamClient client = new StreamClient()) {
      end(open(client, nginx.port(), direct.apply(warmUp)));
      end(open(client, api.port(), request.apply(warmUp)));
    }
    Paced ours = paced(api.port(), api.pid(), request.apply(message), oursIdleMb);
    Paced reference = paced(nginx.port(), nginx.pid(), direct.apply(message), referenceIdleMb);
    System.out.println(
        streams
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

    double oursPerSecond = flood(api.port(), api.pid(), request.apply("flood " + FLOOD_SECONDS));
    double referencePerSecond =
        flood(nginx.port(), nginx.pid(), direct.apply("flood " + FLOOD_SECONDS));
    Samples.print("events through it in a second", oursPerSecond, referencePerSecond, "");
  }

  /**
   * @param idleMb resident in the proxy before it had its first of so many streams
   */
  private Paced paced(int port, long pid, byte[] request, double idleMb)
      throws IOException, InterruptedException {
    try (StreamClient client = new StreamClient()) {
      List<Thread> readers = open(client, port, request);
      TimeUnit.SECONDS.sleep(4);
      long events = client.events();
      double cpu = ProcessFacts.cpuSeconds(pid);
      List<Double> lags = new ArrayList<>();
      for (int i = 0; i < WINDOWS; i++) {
        client.forgetLags();
        TimeUnit.SECONDS.sleep(MEASURED_SECONDS / WINDOWS);
        lags.add(client.lagMs(0.99));
      }
      events = client.events() - events;
      cpu = ProcessFacts.cpuSeconds(pid) - cpu;
      System.out.println(
          "lag p99 in windows of "
              + MEASURED_SECONDS / WINDOWS
              + " s: "
              + lags.stream()
                  .map(each -> String.format(Locale.ROOT, "%.2f ms", each))
                  .collect(Collectors.joining(", ")));
      lags.sort(null);
      double lag = lags.get(WINDOWS / 2);
      double resident = (ProcessFacts.residentTreeMb(pid) - idleMb) * 1024 / streams;
      if (client.open() < streams) {
        System.out.println("only " + client.open() + " streams were open");
      }
      end(readers);
      return new Paced(client.failures(), cpu * 1e6 / events, lag, resident, events);
    }
  }

  /** Opens all streams, one after the other, so that their events spread over time. */
  private List<Thread> open(StreamClient client, int port, byte[] request)
      throws InterruptedException {
    List<Thread> readers = new ArrayList<>();
    long between = TimeUnit.SECONDS.toNanos(RAMP_UP_SECONDS - 4) / streams;
    long next = System.nanoTime();
    for (int i = 0; i < streams; i++) {
      readers.add(Thread.ofVirtual().start(() -> client.read(port, request)));
      next += between;
      TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
    }
    return readers;
  }

  /** Events in a second, as fast as the agent writes and the proxy takes them. */
  private static double flood(int port, long pid, byte[] request)
      throws IOException, InterruptedException {
    try (StreamClient client = new StreamClient()) {
      return flood(client, port, pid, request);
    }
  }

  private static double flood(StreamClient client, int port, long pid, byte[] request)
      throws IOException, InterruptedException {
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
}
