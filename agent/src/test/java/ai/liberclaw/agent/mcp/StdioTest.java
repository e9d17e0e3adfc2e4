package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers over stdio that do what none should, and that the agent lives through. */
final class StdioTest {
  private static final Times IMPATIENT =
      new Times(
          Duration.ofMillis(300),
          Duration.ofSeconds(1),
          McpScene.QUICK.reconnect(),
          McpScene.QUICK.stable(),
          McpScene.QUICK.refresh(),
          McpScene.QUICK.settle(),
          McpScene.QUICK.pause());

  @TempDir Path folder;

  private McpScene scene(String start) throws IOException {
    return scene(McpScene.QUICK, start);
  }

  private McpScene scene(Times times, String start) throws IOException {
    return new McpScene(folder, times, McpScene.script(folder, start));
  }

  private void awaitSent(String text) {
    Await.until(
        "the server is sent " + text,
        McpScene.WAIT_MAX,
        () -> Files.readString(McpScene.log(folder)).contains(text));
  }

  @Test
  void w6cAnyLineWithinTheBoundIsReadAndALongerOneFailsOnlyItsCall() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      ToolResult big = scene.does("long");
      assertFalse(big.isError());
      assertTrue(big.content().contains("xxxx") && big.content().length() < 40_000, "it is cut");
      ToolResult tooBig = scene.does("too_long");
      assertTrue(tooBig.isError());
      assertTrue(tooBig.content().contains("more than 16777216 bytes"), tooBig.content());
      assertTrue(scene.does("work").content().contains("did work"));
      assertTrue(scene.health().path("connected").asBoolean());
    }
  }

  @Test
  void wordsThatAreNoMessagesAreIgnored() throws Exception {
    try (McpScene scene = scene("greeting").connected()) {
      assertTrue(scene.does("work").content().contains("did work"));
    }
  }

  @Test
  void w6cStandardErrorNeverBlocksTheServer() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      assertTrue(scene.does("flood").content().contains("flooded"));
      assertTrue(scene.does("flood").content().contains("flooded"), "and again");
    }
  }

  @Test
  void theServersOwnRequestsAreAnswered() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      ToolResult result = scene.does("ask");
      assertTrue(result.content().contains("asked"), result.content());
      awaitSent("\"result\":{}}");
      awaitSent("\"id\":\"r1\",\"error\":{\"code\":-32601,");
    }
  }

  @Test
  void aCallWithoutAnswerEndsInTimeAndTheServerIsTold() throws Exception {
    try (McpScene scene = scene(IMPATIENT, "normal").connected()) {
      ToolResult result = scene.does("hang");
      assertTrue(result.isError());
      assertTrue(result.content().contains("may or may not have taken effect"));
      awaitSent("\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":3,");
      Await.until(
          "it can be called again",
          McpScene.WAIT_MAX,
          () -> scene.does("work").content().contains("did work"));
    }
  }

  @Test
  void aStoppedCallEndsAtOnceAndTheServerIsTold() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      FutureTask<ToolResult> call = new FutureTask<>(() -> scene.does("hang"));
      Thread turn = Thread.ofVirtual().start(call);
      awaitSent("\"hang\"");
      assertEquals(1, scene.health().path("pending_requests").asInt());
      turn.interrupt();
      ExecutionException stopped = assertThrows(ExecutionException.class, call::get);
      assertTrue(stopped.getCause() instanceof InterruptedException);
      awaitSent("notifications/cancelled");
      assertEquals(0, scene.health().path("pending_requests").asInt());
    }
  }

  @Test
  void w6cAServerThatDiesIsToldOfAndStartedAgain() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      ToolResult result = scene.does("crash");
      assertTrue(result.isError());
      assertTrue(result.content().contains("exit code 7"), result.content());
      assertTrue(result.content().contains("out of luck"), result.content());
      assertEquals(2, scene.names().size(), "its tools stay on offer");
      Await.until(
          "it works again",
          McpScene.WAIT_MAX,
          () -> scene.does("work").content().contains("did work"));
    }
  }

  @Test
  void w6cAServerThatStopsReadingBlocksNobody() throws Exception {
    try (McpScene scene = scene(IMPATIENT, "normal").connected()) {
      String big = "{\"do\":\"stop_reading\",\"x\":\"" + "y".repeat(200_000) + "\"}";
      Toolbox tools = scene.toolbox();
      for (int i = 0; i < 3; i++) {
        assertTrue(McpScene.call(tools, "mcp_odd_work", big).isError());
      }
      String fast = McpScene.call(tools, "mcp_odd_work", "{}").content();
      assertTrue(fast.contains("failed 3 times in a row"), fast);
      Await.until(
          "it is asked again after the pause",
          McpScene.WAIT_MAX,
          () -> !McpScene.call(tools, "mcp_odd_work", "{}").content().contains("in a row"));
    }
  }

  @Test
  void anErrorOfTheServersIsItsOwnWords() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      ToolResult result = scene.does("refuse");
      assertTrue(result.isError());
      assertTrue(
          result.content().startsWith("[error: MCP server 'odd' refused the call]\n[untrusted"),
          result.content());
      assertTrue(result.content().contains("error -32602: wrong argument"), result.content());
    }
  }

  @Test
  void changedToolsAreSeenByTheNextTurnAndARemovedOneSaysSo() throws Exception {
    try (McpScene scene = scene("normal").connected()) {
      Toolbox turn = scene.toolbox();
      assertEquals(List.of("mcp_odd_rename", "mcp_odd_work"), scene.names());
      assertFalse(McpScene.call(turn, "mcp_odd_work", "{\"do\":\"change\"}").isError());
      Await.until(
          "the list is read again",
          McpScene.WAIT_MAX,
          () -> scene.names().equals(List.of("mcp_odd_renamed")));
      assertEquals(
          "[error: tool no longer offered by server 'odd']",
          McpScene.call(turn, "mcp_odd_work", "{}").content());
    }
  }

  @Test
  void toolsComeOnPagesInAnOrderThatNeverChanges() throws Exception {
    try (McpScene scene = scene("pages").connected()) {
      assertEquals(List.of("mcp_odd_alpha", "mcp_odd_beta", "mcp_odd_gamma"), scene.names());
      assertEquals(
          "[MCP: odd] line one line two end",
          scene.tool("mcp_odd_gamma").definition().description());
    }
    try (McpScene scene =
        new McpScene(folder.resolve("second"), McpScene.QUICK, McpScene.script(folder, "endless"))
            .connected()) {
      assertEquals(ToolList.TOOLS_MAX, scene.names().size());
    }
  }

  @Test
  void nobodyWaitsForASlowServerToStart() throws Exception {
    try (McpScene scene = scene("slow")) {
      scene.servers.start();
      assertEquals(List.of(), scene.names());
      assertEquals("not connected yet", scene.health().path("error").asText());
      assertEquals("degraded", scene.servers.state());
      Await.until("its tools are there", McpScene.WAIT_MAX, () -> scene.names().size() == 2);
      assertTrue(scene.health().path("error").isNull());
      assertEquals("ok", scene.servers.state());
    }
  }

  @Test
  void healthSaysWhyAServerIsNotThereWithoutSecrets() throws Exception {
    for (Map.Entry<String, String> start :
        Map.of(
                "version", "unsupported protocol version 1999-01-01",
                "gone", "exit code 3 (last words: no such module '[redacted]')",
                "deaf", "no answer within 1 s")
            .entrySet()) {
      Path own = folder.resolve(start.getKey());
      try (McpScene scene = new McpScene(own, IMPATIENT, McpScene.script(own, start.getKey()))) {
        scene.servers.start();
        Await.until(
            "the reason is " + start.getValue(),
            McpScene.WAIT_MAX,
            () -> scene.health().path("error").asText().contains(start.getValue()));
        assertFalse(scene.health().path("connected").asBoolean());
      }
    }
  }

  @Test
  void anAgentWithoutServersHasNothingToDo() throws Exception {
    try (McpScene scene = new McpScene(folder, McpScene.QUICK)) {
      scene.servers.start();
      assertEquals("disabled", scene.servers.state());
      assertEquals(
          "{\"enabled\":false,\"server_count\":0,\"connected_count\":0,\"tool_count\":0,"
              + "\"servers\":[]}",
          Json.write(scene.servers.health()));
    }
  }

  @Test
  void aServerWithoutToolsStaysConnected() throws Exception {
    try (McpScene scene = scene("toolless").connected()) {
      assertEquals(0, scene.servers.health().path("tool_count").asInt());
      assertEquals(1, scene.servers.health().path("connected_count").asInt());
    }
  }

  @Test
  void aProgramThatIsNotThereIsAReason() throws Exception {
    ServerSettings missing =
        new ServerSettings.Stdio("odd", "no-such-program-here", List.of(), Map.of());
    try (McpScene scene = new McpScene(folder, McpScene.QUICK, missing)) {
      scene.servers.start();
      Await.until(
          "health names the program",
          McpScene.WAIT_MAX,
          () -> scene.health().path("error").asText().contains("no-such-program-here"));
    }
  }

  @Test
  void w3AServerGetsItsOwnVariablesAndNoneOfTheAgents() throws Exception {
    Map<String, String> own = Map.of("SERVICE_TOKEN", McpScene.SECRET, "COLOUR", "blue");
    try (McpScene scene =
        new McpScene(folder, McpScene.QUICK, McpScene.script(folder, "normal", own)).connected()) {
      String seen = scene.does("environment").content();
      assertTrue(seen.contains("COLOUR=blue"), seen);
      assertTrue(seen.contains("SERVICE_TOKEN=[redacted]"), seen);
      assertTrue(seen.contains("PATH="), seen);
      assertFalse(seen.contains("AGENT_SECRET") || seen.contains("MCP_SERVERS"), seen);
    }
  }

  @Test
  void w6ClosingLeavesNoProcessBehind() throws Exception {
    String log = McpScene.log(folder).toString();
    try (McpScene scene = scene("normal").connected()) {
      assertEquals(2, scene.names().size());
      assertFalse(Processes.mentioning(log).isEmpty());
    }
    assertEquals(List.of(), Processes.mentioning(log));
  }
}
