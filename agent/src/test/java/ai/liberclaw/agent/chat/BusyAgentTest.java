package ai.liberclaw.agent.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.liberclaw.agent.RawResponse;
import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.testkit.await.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hard work of some chats is not felt in the others. */
final class BusyAgentTest {
  /** Far less than the work takes. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void w30WhoeverKeepsEveryCoreBusyStallsNobodyElse() throws Exception {
    int busy = 2 * Runtime.getRuntime().availableProcessors();
    // Without ripgrep, which would do the work in a process of its own.
    Map<String, String> alone = Map.of("PATH", folder.toString(), "KEEPALIVE_INTERVAL", "1");
    List<RawResponse> streams = new ArrayList<>();
    try (TestAgent agent = TestAgent.start(folder, alone)) {
      Files.writeString(agent.workspace().resolve("a.txt"), "a".repeat(40) + "!\n");
      for (int i = 0; i < busy; i++) {
        streams.add(agent.say("busy" + i, "/tool grep {\"pattern\":\"(.*a){20}b\"}"));
        streams.getLast().until("tool_use");
      }
      assertTimeoutPreemptively(
          ANSWER_MAX,
          () -> {
            try (RawResponse health = agent.get("/health");
                RawResponse tree = agent.get("/workspace/tree");
                RawResponse other = agent.say("c", "hello")) {
              assertEquals(200, health.status());
              assertEquals(200, tree.status());
              assertEquals(List.of("text", "done"), other.types());
            }
            assertEquals("keepalive", streams.getFirst().event().orElseThrow().type());
          });
      for (int i = 0; i < busy; i++) {
        agent.request("POST", "/chat/busy" + i + "/stop", "").close();
        assertEquals(List.of("error", "done"), streams.get(i).types());
      }
      Await.until("nobody works", TestAgent.WAIT_MAX, () -> !active(agent, "busy0"));
    } finally {
      for (RawResponse stream : streams) {
        stream.close();
      }
    }
  }

  private static boolean active(TestAgent agent, String chatId) throws IOException {
    try (RawResponse response = agent.get(TestAgent.path(chatId) + "/active")) {
      return response.json().path("active").asBoolean();
    }
  }
}
