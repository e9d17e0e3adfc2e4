package ai.liberclaw.bench;

import ai.liberclaw.testkit.model.ModelServer;
import ai.liberclaw.testkit.sse.RawSse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A command that prints 10 MB, in an agent whose whole heap is little more than an idle one's. */
final class OutputBench {
  private static final String MESSAGE =
      "/tool bash {\"command\":\"head -c 7500000 /dev/urandom | base64 -w 76\"}";

  private final Path jar;
  private final Path scratch;

  OutputBench(Path jar, Path scratch) {
    this.jar = jar;
    this.scratch = scratch;
  }

  void run() throws IOException, InterruptedException {
    try (ModelServer model = ModelServer.start();
        AgentUnderTest agent =
            AgentUnderTest.start(
                jar, scratch.resolve("output"), model.baseUrl(), List.of("-Xmx48m"))) {
      double idle = ProcessFacts.liveHeapMb(agent.pid());
      try (RawSse stream = agent.send("chat", MESSAGE, false)) {
        String body = stream.bodyText(Duration.ofSeconds(60));
        if (!body.contains("full output: ")) {
          throw new IOException("the output was not cut and kept as a file");
        }
      }
      double after = ProcessFacts.liveHeapMb(agent.pid());
      Samples.print("live heap after a 10 MB output, -Xmx48m", after, idle, "MB");
    }
  }
}
