package ai.liberclaw.bench;

import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.ServerProcess;
import ai.liberclaw.testkit.sse.RawSse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** From process start to the first healthy answer, and memory when idle. */
final class StartBench {
  private static final int RUNS = 7;
  private static final List<String> HEAP = List.of("-Xmx48m", "-XX:ReservedCodeCacheSize=24m");

  /** An agent is idle when it has answered nothing for so long. */
  private static final Duration IDLE = Duration.ofSeconds(4);

  private final Path jar;
  private final Path scratch;

  StartBench(Path jar, Path scratch) {
    this.jar = jar;
    this.scratch = scratch;
  }

  void run() throws IOException, InterruptedException {
    Path cache = scratch.resolve("agent.aot");
    try (AgentUnderTest agent =
        AgentUnderTest.start(
            jar, scratch.resolve("record"), "", with(HEAP, "-XX:AOTCacheOutput=" + cache))) {
      try (RawSse stream = agent.send("record", "/tool list_dir {\"path\":\".\"}", true)) {
        stream.rest(Duration.ofSeconds(30));
      } finally {
        agent.terminate();
      }
    }
    List<String> flags = Files.exists(cache) ? with(HEAP, "-XX:AOTCache=" + cache) : HEAP;
    Samples start = new Samples();
    Samples resident = new Samples();
    Samples bareStart = new Samples();
    Samples bareResident = new Samples();
    for (int i = 0; i < RUNS; i++) {
      try (AgentUnderTest agent =
          AgentUnderTest.start(jar, scratch.resolve("start" + i), "", flags)) {
        start.add(agent.startMs());
        TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
        resident.add(ProcessFacts.residentMb(agent.pid()));
      }
      bare(bareStart, bareResident);
    }
    Samples.print("start to healthy, median of " + RUNS, start.median(), bareStart.median(), "ms");
    Samples.print("idle resident memory", resident.median(), bareResident.median(), "MB");
  }

  private static void bare(Samples start, Samples resident)
      throws IOException, InterruptedException {
    int port = ServerProcess.freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(AgentUnderTest.FLAGS);
    command.addAll(HEAP);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), BareServer.class.getName()));
    command.add(Integer.toString(port));
    long begun = System.nanoTime();
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      URI health = URI.create("http://127.0.0.1:" + port + "/health");
      Await.until(
          "the bare server answers",
          Duration.ofSeconds(30),
          () -> {
            try (RawSse answer = RawSse.get(health, Map.of())) {
              return answer.status() == 200;
            }
          });
      start.add((System.nanoTime() - begun) / 1e6);
      TimeUnit.MILLISECONDS.sleep(IDLE.toMillis());
      resident.add(ProcessFacts.residentMb(process.pid()));
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  private static List<String> with(List<String> flags, String more) {
    List<String> all = new ArrayList<>(flags);
    all.add(more);
    return all;
  }
}
