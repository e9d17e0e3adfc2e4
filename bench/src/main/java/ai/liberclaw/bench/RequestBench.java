package ai.liberclaw.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * What plain requests and short chats cost the api and its database together, beside nginx's own
 * relay. Many at a time come first: the JVM compiles for a hundred thousand requests.
 */
final class RequestBench {
  /** As many of each as the JVM needs until it has compiled what they run. */
  private static final int WARM_UP = 20_000;

  private static final int CHATS_WARM_UP = 12_000;
  private static final int REQUESTS = 4_000;
  private static final int CHATS = 1_000;
  private static final int OPEN_CHATS = 34;
  private static final int CONNECTIONS = 16;
  private static final long BUSY_SECONDS = 4;
  private static final int OTHERS_REQUESTS = 2_000;

  private final ApiUnderTest api;
  private final Nginx nginx;
  private final ApiUnderTest.User user;
  private final ApiUnderTest.User other;

  RequestBench(ApiUnderTest api, Nginx nginx, ApiUnderTest.User user, ApiUnderTest.User other) {
    this.api = api;
    this.nginx = nginx;
    this.user = user;
    this.other = other;
  }

  void run() throws IOException, InterruptedException {
    double relayed =
        cost(nginx.port(), RawRequest.get("/health", ""), REQUESTS, REQUESTS, nginx.pid()).cpu;
    double relayedBusy = busy(nginx.port(), RawRequest.get("/health", ""), nginx.pid());
    byte[] health = RawRequest.get("/api/v1/health", "");
    printBusy("GET /health", health, relayedBusy);
    print("GET /health", health, WARM_UP, REQUESTS, relayed);
    byte[] agents = RawRequest.get("/api/v1/agents/", user.headers());
    printBusy("GET /agents/", agents, relayedBusy);
    print("GET /agents/", agents, WARM_UP, REQUESTS, relayed);
    byte[] chat = RawRequest.post("/chat", "", "{\"message\":\"short 5\",\"chat_id\":\"bench\"}");
    double relayedChat = cost(nginx.port(), chat, CHATS, CHATS, nginx.pid()).cpu;
    print("a chat of 5 events", user.chat("short 5"), CHATS_WARM_UP, CHATS, relayedChat);
    others();
  }

  /**
   * What one request takes, in milliseconds.
   *
   * @param cpu in the processes asked for and their children
   * @param wall as the client waits
   */
  private record Cost(double cpu, double wall) {}

  private void print(String what, byte[] request, int warmUp, int times, double reference)
      throws IOException {
    Cost all = cost(api.port(), request, warmUp, times, api.pid(), api.postgresPid());
    Cost server = cost(api.port(), request, 0, times, api.pid());
    System.out.println(
        String.format(
            Locale.ROOT,
            "%s, one after the other: %.3f ms of CPU in the api alone, %.3f ms until it is over",
            what,
            server.cpu,
            all.wall));
    Samples.print("CPU of " + what + ", one after the other", all.cpu, reference, "ms");
  }

  private void printBusy(String what, byte[] request, double reference)
      throws IOException, InterruptedException {
    double cpu = busy(api.port(), request, api.pid(), api.postgresPid());
    Samples.print("CPU of " + what + " from " + CONNECTIONS + " connections", cpu, reference, "ms");
  }

  /** Milliseconds of CPU for one of the requests of many clients at a time. */
  private static double busy(int port, byte[] request, long... pids)
      throws IOException, InterruptedException {
    LongAdder done = new LongAdder();
    AtomicBoolean over = new AtomicBoolean();
    List<FutureTask<Boolean>> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      FutureTask<Boolean> client =
          new FutureTask<>(() -> {
            try (KeepAliveClient connection = new KeepAliveClient(port)) {
              while (!over.get()) {
                connection.exchange(request);
                done.increment();
              }
              return true;
            }
          });
      clients.add(client);
      Thread.ofPlatform().daemon().start(client);
    }
    TimeUnit.SECONDS.sleep(BUSY_SECONDS);
    double cpu = ProcessFacts.cpuSeconds(pids);
    long before = done.sum();
    TimeUnit.SECONDS.sleep(BUSY_SECONDS);
    double cost = (ProcessFacts.cpuSeconds(pids) - cpu) * 1e3 / (done.sum() - before);
    over.set(true);
    for (FutureTask<Boolean> client : clients) {
      try {
        boolean _ = client.get();
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      }
    }
    return cost;
  }

  private static Cost cost(int port, byte[] request, int warmUp, int times, long... pids)
      throws IOException {
    try (KeepAliveClient client = new KeepAliveClient(port)) {
      for (int i = 0; i < warmUp; i++) {
        client.exchange(request);
      }
      double cpu = ProcessFacts.cpuSeconds(pids);
      long begun = System.nanoTime();
      for (int i = 0; i < times; i++) {
        client.exchange(request);
      }
      double wall = (System.nanoTime() - begun) / 1e6 / times;
      return new Cost((ProcessFacts.cpuSeconds(pids) - cpu) * 1e3 / times, wall);
    }
  }

  /** Whether many open chats of one user are felt by another. */
  private void others() throws IOException, InterruptedException {
    byte[] request = RawRequest.get("/api/v1/users/me", other.headers());
    double alone = waiting(request);
    try (StreamClient streams = new StreamClient()) {
      others(streams, request, alone);
    }
  }

  private void others(StreamClient streams, byte[] request, double alone)
      throws IOException, InterruptedException {
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < OPEN_CHATS; i++) {
      readers.add(
          Thread.ofVirtual().start(() -> streams.read(api.port(), user.chat("paced 100 100"))));
    }
    while (streams.events() < OPEN_CHATS) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    double beside = waiting(request);
    int open = streams.open();
    for (Thread reader : readers) {
      reader.join();
    }
    System.out.println(open + " chats were open, " + streams.failures() + " failed");
    Samples.print("another user's GET /users/me beside them, p99", beside, alone, "ms");
  }

  private double waiting(byte[] request) throws IOException {
    Samples samples = new Samples();
    try (KeepAliveClient client = new KeepAliveClient(api.port())) {
      for (int i = 0; i < OTHERS_REQUESTS; i++) {
        long begun = System.nanoTime();
        client.exchange(request);
        samples.add((System.nanoTime() - begun) / 1e6);
      }
    }
    return samples.quantile(0.99);
  }
}
