package ai.liberclaw.bench;

import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import ai.liberclaw.testkit.sse.RawSse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Many turns that stream at the same time, beside the same streams read from the model itself. */
final class StreamBench {
  private static final int STREAMS = 200;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final String TEXT = "word ".repeat(100).strip();

  private final Path jar;
  private final Path scratch;

  StreamBench(Path jar, Path scratch) {
    this.jar = jar;
    this.scratch = scratch;
  }

  void run() throws IOException, InterruptedException {
    try (ModelServer model = ModelServer.start();
        AgentUnderTest agent =
            AgentUnderTest.start(
                jar, scratch.resolve("stream"), model.baseUrl(), List.of("-Xmx256m"))) {
      model.respond(_ -> ModelAnswer.text(TEXT).withChunkPause(PAUSE));
      AtomicInteger failures = new AtomicInteger();
      double ours = all(failures, i -> agent.send("chat" + i, "Go.", true), "\"done\"");
      String body =
          "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Go.\"}]}";
      URI uri = URI.create(model.baseUrl() + "/chat/completions");
      double reference = all(failures, _ -> RawSse.post(uri, Map.of(), body), "[DONE]");
      Samples.print(STREAMS + " concurrent streams, all of them", ours, reference, "ms");
      System.out.println("failures among them: " + failures.get());
    }
  }

  private static double all(AtomicInteger failures, Opening opening, String end)
      throws InterruptedException {
    long begun = System.nanoTime();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      int number = i;
      readers.add(
          Thread.ofVirtual()
              .start(() -> {
                try (RawSse stream = opening.open(number)) {
                  if (!stream.bodyText(Duration.ofSeconds(60)).contains(end)) {
                    failures.incrementAndGet();
                  }
                } catch (IOException | InterruptedException _) {
                  failures.incrementAndGet();
                }
              }));
    }
    for (Thread reader : readers) {
      reader.join();
    }
    return (System.nanoTime() - begun) / 1e6;
  }

  @FunctionalInterface
  private interface Opening {
    RawSse open(int number) throws IOException;
  }
}
