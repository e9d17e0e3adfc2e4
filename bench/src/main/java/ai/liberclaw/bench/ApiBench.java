package ai.liberclaw.bench;

import ai.liberclaw.testkit.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The api between clients and one fake agent, beside nginx in the same place. */
final class ApiBench {
  private static final int STREAMS = 2_000;

  private final Path jar;
  private final Path scratch;

  ApiBench(Path jar, Path scratch) {
    this.jar = jar;
    this.scratch = scratch;
  }

  void run() throws IOException, InterruptedException, SQLException {
    Optional<Path> binary = Nginx.find();
    if (binary.isEmpty()) {
      System.err.println("The api is measured beside nginx: install Debian's package nginx-light.");
      return;
    }
    int agentPort = ServerProcess.freePort();
    Process agent = agent(agentPort);
    try (Nginx nginx =
            Nginx.start(
                binary.get(), scratch.resolve("nginx"), ServerProcess.freePort(), agentPort);
        ApiUnderTest api = ApiUnderTest.start(jar, scratch.resolve("api"), agentPort)) {
      ApiUnderTest.User user = api.user("bench-one");
      new RequestBench(api, nginx, user, api.user("bench-other")).run();
      new RelayBench(api, nginx, user::chat, ApiBench::direct, STREAMS).run();
    } finally {
      agent.destroy();
    }
  }

  private static byte[] direct(String message) {
    return RawRequest.post("/chat", "", "{\"message\":\"" + message + "\",\"chat_id\":\"bench\"}");
  }

  /** The fake agent as a process of its own. */
  static Process agent(int port) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                FakeAgent.class.getName(),
                Integer.toString(port)))
        .inheritIO()
        .start();
  }
}
