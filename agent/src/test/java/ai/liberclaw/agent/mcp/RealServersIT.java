package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.TestAgent;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.process.Processes;
import ai.liberclaw.testkit.process.ServerProcess;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol with servers that its makers publish, on Node.js. */
final class RealServersIT {
  private static String everything = "";
  private static String filesystem = "";

  @TempDir Path folder;

  @BeforeAll
  static void install() throws Exception {
    everything = NpmServers.program("server-everything").toString();
    filesystem = NpmServers.program("server-filesystem").toString();
  }

  private static ServerSettings.Stdio node(String name, String... args) {
    return new ServerSettings.Stdio(name, "node", List.of(args), Map.of());
  }

  private static void exercise(McpScene scene) throws Exception {
    assertTrue(scene.names().size() >= 8, scene.names().toString());
    ToolResult echo = scene.call("mcp_all_echo", "{\"message\":\"Grüße, 世界 🌍\"}");
    assertTrue(echo.content().contains("Grüße, 世界 🌍"), echo.content());
    ToolResult sum = scene.call("mcp_all_get-sum", "{\"a\":\"40\",\"b\":2}");
    assertTrue(sum.content().contains("42"), sum.content());
    ToolResult picture = scene.call("mcp_all_get-tiny-image", "{}");
    assertEquals(1, picture.images().size());
    assertEquals("image/png", picture.images().getFirst().mediaType());
    ToolResult links = scene.call("mcp_all_get-resource-links", "{\"count\":2}");
    assertTrue(links.content().contains("[resource: demo://"), links.content());
    ToolResult wrong = scene.call("mcp_all_get-sum", "{\"a\":{},\"b\":2}");
    assertTrue(wrong.isError());
    FutureTask<ToolResult> stopped =
        new FutureTask<>(() ->
            scene.call("mcp_all_trigger-long-running-operation", "{\"duration\":60,\"steps\":2}"));
    Thread turn = Thread.ofVirtual().start(stopped);
    Await.until(
        "the call is under way",
        McpScene.WAIT_MAX,
        () -> scene.health().path("pending_requests").asInt() == 1);
    turn.interrupt();
    try {
      ToolResult result = stopped.get();
      throw new AssertionError("not stopped, but: " + result.content());
    } catch (ExecutionException e) {
      assertTrue(e.getCause() instanceof InterruptedException);
    }
    assertTrue(scene.call("mcp_all_echo", "{\"message\":\"after\"}").content().contains("after"));
  }

  @Test
  void everythingOverStdio() throws Exception {
    try (McpScene scene =
        new McpScene(folder, McpScene.QUICK, node("all", everything, "stdio")).connected()) {
      exercise(scene);
      assertFalse(Processes.mentioning(everything).isEmpty());
    }
    assertEquals(List.of(), Processes.mentioning(everything + "\0stdio"));
  }

  private Process http(int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("node", everything, "streamableHttp")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("http.log").toFile());
    builder.environment().put("PORT", Integer.toString(port));
    Process process = builder.start();
    Await.until(
        "the server listens",
        McpScene.WAIT_MAX,
        () -> {
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
          }
        });
    return process;
  }

  @Test
  void everythingOverStreamableHttp() throws Exception {
    int port = ServerProcess.freePort();
    Process server = http(port);
    URI url = URI.create("http://localhost:" + port + "/mcp");
    try (McpScene scene =
        new McpScene(folder, McpScene.QUICK, new ServerSettings.Http("all", url, Map.of()))
            .connected()) {
      exercise(scene);
      server.destroyForcibly().waitFor();
      assertTrue(scene.call("mcp_all_echo", "{\"message\":\"gone\"}").isError());
      server = http(port);
      // It knows nothing of the session any more.
      ToolResult again = scene.call("mcp_all_echo", "{\"message\":\"again\"}");
      assertTrue(again.content().contains("again"), again.content());
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  @Test
  void anAgentWorksWithFilesThroughAServer() throws Exception {
    Path shared = Files.createDirectories(folder.resolve("shared")).toRealPath();
    Files.writeString(shared.resolve("hello.txt"), "the token is token-0123456789");
    Files.writeString(folder.resolve("secret.txt"), "outside");
    ArrayNode servers = Json.array();
    ObjectNode files = servers.addObject().put("name", "files").put("command", "node");
    files.putArray("args").add(filesystem).add(shared.toString());
    files.putObject("env").put("SERVICE_TOKEN", "token-0123456789");
    try (TestAgent agent =
        TestAgent.start(
            folder,
            Map.of(
                "MCP_SERVERS",
                Json.write(servers),
                "TOOLS_AS_ROOT",
                "true",
                "TOOLS_READABLE",
                Path.of("target").toAbsolutePath() + "," + shared))) {
      String read = "/tool mcp_files_read_text_file {\"path\":\"" + shared + "/hello.txt\"}";
      Await.until(
          "the agent has read the file with the server's tool",
          McpScene.WAIT_MAX,
          () -> {
            agent.sayToTheEnd("chat", read);
            return agent.history("chat").toString().contains("the token is [redacted]");
          });
      agent.sayToTheEnd(
          "other", "/tool mcp_files_read_text_file {\"path\":\"" + folder + "/secret.txt\"}");
      String history = agent.history("other").toString();
      assertTrue(history.contains("Access denied"), history);
      assertFalse(history.contains("outside\\n[end"), history);
    }
    assertEquals(List.of(), Processes.mentioning(shared.toString()));
  }
}
