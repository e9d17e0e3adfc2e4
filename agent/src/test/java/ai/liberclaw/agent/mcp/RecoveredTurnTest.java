package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are not there yet when the agent starts again. */
final class RecoveredTurnTest {
  @TempDir Path folder;

  @Test
  void aTurnThatGoesOnWaitsForTheToolsItBeganWith() throws Exception {
    Map<String, String> variables = Map.of("MCP_SERVERS", slowServer());
    String message = TestAgent.holding("h") + "\n/tool mcp_odd_work {\"do\":\"work\"}";
    try (TestAgent agent = TestAgent.start(folder, variables)) {
      Await.until(
          "the server is there",
          TestAgent.WAIT_MAX,
          () -> {
            try (RawResponse info = agent.get("/info")) {
              return info.text().contains("mcp_odd_work");
            }
          });
      try (RawResponse stream = agent.say("c", message)) {
        stream.until("tool_use");
        Await.until(
            "the call runs",
            TestAgent.WAIT_MAX,
            () -> Files.exists(agent.workspace().resolve("h.began")));
      }
    }
    try (TestAgent agent = TestAgent.start(folder, variables);
        RawResponse stream = agent.stream("c", "?after=0&deltas=false")) {
      String answer = stream.until("text").content();
      assertTrue(answer.contains("did work"), answer);
    }
  }

  @Test
  void oneThatCannotBeStartedIsNotWaitedFor() throws Exception {
    try (McpScene scene = new McpScene(folder, Times.STANDARD, McpScene.script(folder, "gone"))) {
      scene.servers.start();
      long began = System.nanoTime();
      scene.servers.awaitFirstAttempts();
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertTrue(took.compareTo(McpServers.RECOVERED_WAIT_MAX) < 0, "took " + took);
    }
  }

  /** The script of this package as an argument: a sandbox may not see its file. */
  private static String slowServer() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(McpScene.class.getResourceAsStream("stdio-server.sh"))) {
      String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      ArrayNode servers = Json.array();
      ObjectNode server = servers.addObject().put("name", "odd").put("command", "bash");
      server.putArray("args").add("-c").add(text).add("odd").add("slow").add("/dev/null");
      return Json.write(servers);
    }
  }
}
