package ai.liberclaw.bench;

import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import ai.liberclaw.testkit.sse.RawSse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the agent adds to a model call: from the moment the model has its reply ready to the arrival
 * of the next request, with a tool call and its journal between. The reference is a client that
 * sends requests of the same size one after the other and does nothing else.
 */
final class CallBench {
  /** Turns of one message and one answer: 100 rows. */
  private static final int HISTORY_TURNS = 50;

  private static final int CHATS_WARM = 6;
  private static final int CHATS = 24;
  private static final int CALLS_PER_CHAT = 20;

  private final Path jar;
  private final Path scratch;
  private final Stopwatch watch = new Stopwatch();

  CallBench(Path jar, Path scratch) {
    this.jar = jar;
    this.scratch = scratch;
  }

  void run() throws IOException, InterruptedException {
    Samples ours = new Samples();
    Samples reference = new Samples();
    try (ModelServer model = ModelServer.start();
        AgentUnderTest agent =
            AgentUnderTest.start(
                jar, scratch.resolve("call"), model.baseUrl(), List.of("-Xmx256m"))) {
      for (int chat = 0; chat < CHATS; chat++) {
        model.respond(_ -> ModelAnswer.text("All is well."));
        for (int i = 0; i < HISTORY_TURNS; i++) {
          turn(agent, "chat" + chat, "Message number " + i + " with a few words in it.");
        }
        measure(model, agent, "chat" + chat, chat < CHATS_WARM ? new Samples() : ours);
      }
      alone(model, model.lastRequest().body().toString(), reference);
    }
    Samples.print("added per model call, 100 rows, p50", ours.median(), reference.median(), "ms");
    Samples.print(
        "added per model call, 100 rows, p95", ours.quantile(0.95), reference.quantile(0.95), "ms");
  }

  private void measure(ModelServer model, AgentUnderTest agent, String chat, Samples samples)
      throws IOException, InterruptedException {
    watch.begin(samples);
    int[] left = {CALLS_PER_CHAT};
    model.respond(_ -> {
      watch.requested();
      ModelAnswer answer =
          left[0]-- > 0
              ? ModelAnswer.call("list_dir", "{\"path\":\".\"}")
              : ModelAnswer.text("All is well.");
      watch.answers();
      return answer;
    });
    turn(agent, chat, "Look around.");
  }

  private void alone(ModelServer model, String request, Samples samples)
      throws IOException, InterruptedException {
    watch.begin(samples);
    model
        .strict(false)
        .respond(_ -> {
          watch.requested();
          ModelAnswer answer = ModelAnswer.text("All is well.");
          watch.answers();
          return answer;
        });
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(model.baseUrl() + "/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(request))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < CHATS * CALLS_PER_CHAT; i++) {
        client.send(post, HttpResponse.BodyHandlers.ofByteArray());
      }
    }
  }

  private static void turn(AgentUnderTest agent, String chat, String message)
      throws IOException, InterruptedException {
    try (RawSse stream = agent.send(chat, message, false)) {
      String body = stream.bodyText(Duration.ofSeconds(30));
      if (!body.contains("\"done\"") || body.contains("\"error\"")) {
        throw new IOException("the turn failed: " + body);
      }
    }
  }

  /** The time between an answer and the next request; one client at a time. */
  private static final class Stopwatch {
    private Samples samples = new Samples();
    private long answered;

    synchronized void begin(Samples newSamples) {
      samples = newSamples;
      answered = 0;
    }

    synchronized void requested() {
      if (answered != 0) {
        samples.add((System.nanoTime() - answered) / 1e6);
      }
    }

    synchronized void answers() {
      answered = System.nanoTime();
    }
  }
}
