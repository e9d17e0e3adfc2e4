package ai.liberclaw.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What plain requests and short chats cost the api and its database, beside nginx's own relay. */
final class RequestBench {
  private static final int WARM_UP = 20_000;
  private static final int REQUESTS = 4_000;
  private static final int CHATS = 1_000;
  private static final int OPEN_CHATS = 34;
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
    double relayed = cost(nginx.port(), RawRequest.get("/health", ""), REQUESTS, nginx.pid());
    print("GET /health", RawRequest.get("/api/v1/health", ""), REQUESTS, relayed);
    print("GET /agents/", RawRequest.get("/api/v1/agents/", user.headers()), REQUESTS, relayed);
    byte[] chat = RawRequest.post("/chat", "", "{\"message\":\"short 5\",\"chat_id\":\"bench\"}");
    double relayedChat = cost(nginx.port(), chat, CHATS, nginx.pid());
    print("a chat of 5 events", user.chat("short 5"), CHATS, relayedChat);
    others();
  }

  private void print(String what, byte[] request, int times, double reference) throws IOException {
    double ours = cost(api.port(), request, times, api.pid(), api.postgresPid());
    Samples.print("CPU of " + what + ", database included", ours, reference, "ms");
  }

  /** Milliseconds of CPU for one request, in all of these processes and their children. */
  private static double cost(int port, byte[] request, int times, long... pids) throws IOException {
    try (KeepAliveClient client = new KeepAliveClient(port)) {
      for (int i = 0; i < Math.min(WARM_UP, times * 5); i++) {
        client.exchange(request);
      }
      double cpu = ProcessFacts.cpuSeconds(pids);
      for (int i = 0; i < times; i++) {
        client.exchange(request);
      }
      return (ProcessFacts.cpuSeconds(pids) - cpu) * 1e3 / times;
    }
  }

  /** Whether many open chats of one user are felt by another. */
  private void others() throws IOException, InterruptedException {
    byte[] request = RawRequest.get("/api/v1/users/me", other.headers());
    double alone = waiting(request);
    StreamClient streams = new StreamClient();
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
