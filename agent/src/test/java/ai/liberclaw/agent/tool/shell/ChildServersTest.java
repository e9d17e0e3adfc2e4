package ai.liberclaw.agent.tool.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildServersTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  @TempDir Path folder;
  private final String tag = "child-" + UUID.randomUUID();

  private ChildServers servers() throws IOException {
    return servers(TestSandboxes::weak);
  }

  private ChildServers servers(Function<Place, Sandbox> kind) throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Map<String, String> environment = Map.of("PATH", System.getenv("PATH"), "TAG", tag);
    return new ChildServers(
        kind.apply(new Place(folder.toRealPath(), data, List.of(), environment)),
        data,
        Duration.ofMillis(100));
  }

  private static ChildServer start(ChildServers servers, String script) throws IOException {
    return servers.start(List.of("bash", "-c", script), Map.of());
  }

  /** Waits for its first word. */
  private static void awaitReady(ChildServer server) throws IOException {
    assertEquals('r', server.output().read());
  }

  @Test
  void itsWholeGroupEndsWithIt() throws Exception {
    try (ChildServers servers = servers()) {
      ChildServer server = start(servers, "sleep 60 & echo ready; cat");
      awaitReady(server);
      assertEquals(Optional.empty(), server.exitCode(Duration.ZERO));
      server.end();
      assertTrue(server.exitCode(Duration.ZERO).isPresent());
      assertEquals(List.of(), Processes.mentioning(tag));
    }
  }

  @Test
  void oneThatDoesNotHeedTermIsKilled() throws Exception {
    try (ChildServers servers = servers()) {
      ChildServer server = start(servers, "trap '' TERM; echo ready; while :; do sleep 0.1; done");
      awaitReady(server);
      server.end();
      assertEquals(Optional.of(137), server.exitCode(Duration.ZERO));
      assertEquals(List.of(), Processes.mentioning(tag));
    }
  }

  @Test
  void insideBubblewrapItIsKilledToo() throws Exception {
    try (ChildServers servers = servers(TestSandboxes::bubblewrap)) {
      ChildServer server = start(servers, "trap '' TERM; echo ready; while :; do sleep 0.1; done");
      awaitReady(server);
      server.end();
      assertTrue(server.exitCode(Duration.ZERO).isPresent());
      assertEquals(List.of(), Processes.mentioning(tag));
    }
  }

  @Test
  void oneThatIsEndedBeforeItHasBegunNeverBegins() throws Exception {
    try (ChildServers servers = servers()) {
      start(servers, "sleep 60").end();
      assertEquals(List.of(), Processes.mentioning(tag));
    }
  }

  @Test
  void whatAKilledAgentLeftBehindEndsAtTheNextStart() throws Exception {
    ChildServer left = start(servers(), "echo ready; exec sleep 60");
    awaitReady(left);
    assertFalse(Processes.mentioning(tag).isEmpty());
    try (ChildServers _ = servers()) {
      assertTrue(left.exitCode(WAIT_MAX).isPresent());
      assertEquals(List.of(), Processes.mentioning(tag));
    }
  }
}
