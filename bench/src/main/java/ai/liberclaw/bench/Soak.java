package ai.liberclaw.bench;

import ai.liberclaw.testkit.model.ModelServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * An agent under random tools, upstreams that break, readers that are cut and, in the first half,
 * restarts. Every chat's events must be dense; in the second half, which one process lives through,
 * live heap and descriptors must not grow.
 */
final class Soak {
  private static final int CHATS = 8;
  private static final Duration SAMPLE_EVERY = Duration.ofSeconds(30);

  /** Restarts while the first half lasts. */
  private static final int RESTARTS = 6;

  /** Growth of a median from the third quarter to the last that still counts as flat. */
  private static final double GROWTH_MAX = 1.25;

  /** What a median may grow by in any case: MB of heap, or descriptors. */
  private static final double GROWTH_FREE = 6;

  private final Path jar;
  private final Path scratch;
  private final Duration time;

  Soak(Path jar, Path scratch, Duration time) {
    this.jar = jar;
    this.scratch = scratch;
    this.time = time;
  }

  void run() throws IOException, InterruptedException {
    long seed = System.nanoTime();
    System.out.println("soak of " + time.toMinutes() + " min, seed " + seed);
    try (ModelServer model = ModelServer.start()) {
      model.respond(new SoakModel(seed)).forgetful();
      Current agent = new Current(start(model));
      List<SoakChat> chats = new ArrayList<>();
      for (int i = 0; i < CHATS; i++) {
        chats.add(new SoakChat("chat" + i, seed + i, agent::get));
      }
      List<Thread> threads = chats.stream().map(Thread.ofVirtual()::start).toList();
      try {
        restarts(model, agent);
        flat(agent.get());
      } finally {
        chats.forEach(SoakChat::stop);
        for (Thread thread : threads) {
          thread.join();
        }
        agent.get().close();
      }
      verdict(chats, model);
    }
  }

  private void restarts(ModelServer model, Current agent) throws IOException, InterruptedException {
    long pause = time.toMillis() / 2 / RESTARTS;
    for (int i = 0; i < RESTARTS; i++) {
      TimeUnit.MILLISECONDS.sleep(pause);
      AgentUnderTest old = agent.get();
      if (i % 2 == 0) {
        old.kill();
      } else {
        old.terminate();
      }
      old.close();
      agent.set(start(model));
      System.out.println("restart " + (i + 1) + (i % 2 == 0 ? " after SIGKILL" : " after SIGTERM"));
    }
  }

  private void flat(AgentUnderTest agent) throws IOException, InterruptedException {
    long samples = Math.max(8, time.toMillis() / 2 / SAMPLE_EVERY.toMillis());
    long pause = time.toMillis() / 2 / samples;
    Samples[] heap = {new Samples(), new Samples()};
    Samples[] descriptors = {new Samples(), new Samples()};
    for (int i = 0; i < samples; i++) {
      TimeUnit.MILLISECONDS.sleep(pause);
      int half = i < samples / 2 ? 0 : 1;
      double live = ProcessFacts.liveHeapMb(agent.pid());
      double open = ProcessFacts.descriptors(agent.pid());
      heap[half].add(live);
      descriptors[half].add(open);
      System.out.println(
          String.format(
              Locale.ROOT,
              "heap %.1f MB, resident %.0f MB, descriptors %.0f",
              live,
              ProcessFacts.residentMb(agent.pid()),
              open));
    }
    Samples.print("live heap, last quarter", heap[1].median(), heap[0].median(), "MB");
    Samples.print(
        "descriptors, last quarter", descriptors[1].median(), descriptors[0].median(), "");
    check("live heap", heap);
    check("descriptors", descriptors);
  }

  private static void check(String what, Samples[] halves) throws IOException {
    double before = halves[0].median();
    double after = halves[1].median();
    if (after > before * GROWTH_MAX && after - before > GROWTH_FREE) {
      throw new IOException(what + " grew from " + before + " to " + after);
    }
  }

  private static void verdict(List<SoakChat> chats, ModelServer model) throws IOException {
    long turns = 0;
    long cuts = 0;
    for (SoakChat chat : chats) {
      if (!chat.faults().isEmpty()) {
        throw new IOException(chat.faults().toString());
      }
      turns += chat.turns();
      cuts += chat.cuts();
    }
    if (!model.violations().isEmpty()) {
      throw new IOException("invalid history: " + model.violations());
    }
    System.out.println(
        turns + " turns, " + cuts + " cut readers, no event missing or twice, history valid");
  }

  private AgentUnderTest start(ModelServer model) throws IOException {
    return AgentUnderTest.start(jar, scratch.resolve("soak"), model.baseUrl(), List.of("-Xmx128m"));
  }

  /** The agent of the moment: a restart brings another. */
  private static final class Current {
    private volatile AgentUnderTest agent;

    Current(AgentUnderTest first) {
      agent = first;
    }

    AgentUnderTest get() {
      return agent;
    }

    void set(AgentUnderTest next) {
      agent = next;
    }
  }
}
