package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.sandbox.Place;
import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.sandbox.TestSandboxes;
import ai.liberclaw.agent.tool.Results;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolContext;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.shell.ChildEnvironment;
import ai.liberclaw.agent.tool.shell.ChildServers;
import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.testkit.await.Await;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** MCP servers in a folder of their own, and calls of their tools as a turn makes them. */
final class McpScene implements AutoCloseable {
  static final Duration WAIT_MAX = Duration.ofSeconds(20);
  static final String SECRET = "s3cret-value";

  /** As in the product, but that nothing is waited for long. */
  static final Times QUICK =
      new Times(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), 0),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofMillis(1),
          Duration.ofMillis(300));

  final Path folder;
  final McpServers servers;
  private final Workspace workspace;
  private final Mask mask = new Mask();

  McpScene(Path folder, Times times, ServerSettings... servers) throws IOException {
    this.folder = folder;
    Path root = Files.createDirectories(folder.resolve("workspace")).toRealPath();
    Path data = Files.createDirectories(folder.resolve("data"));
    mask.register(SECRET);
    Map<String, String> server = new HashMap<>(System.getenv());
    server.put("AGENT_SECRET", SECRET);
    server.put("MCP_SERVERS", "[]");
    Sandbox sandbox =
        TestSandboxes.weak(
            new Place(root, data, List.of(), ChildEnvironment.of(server, root, data)));
    workspace = new Workspace(root, List.of(), sandbox.handover());
    this.servers =
        new McpServers(
            new McpSettings(List.of(servers)), new ChildServers(sandbox, data), mask::mask, times);
  }

  /** The script of this package that misbehaves on request. */
  static ServerSettings.Stdio script(Path folder, String start) {
    return script(folder, start, Map.of());
  }

  static ServerSettings.Stdio script(Path folder, String start, Map<String, String> environment) {
    URL script = Objects.requireNonNull(McpScene.class.getResource("stdio-server.sh"));
    try {
      return new ServerSettings.Stdio(
          "odd",
          "bash",
          List.of(Path.of(script.toURI()).toString(), start, log(folder).toString()),
          environment);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the script was sent. */
  static Path log(Path folder) {
    return folder.resolve("sent.log");
  }

  /** Connects and waits until all servers are there. */
  McpScene connected() {
    servers.start();
    Await.until(
        "all servers are connected",
        WAIT_MAX,
        () ->
            servers.health().path("connected_count").asInt()
                == servers.health().path("server_count").asInt());
    return this;
  }

  /** The health of the only server. */
  JsonNode health() {
    return servers.health().path("servers").path(0);
  }

  List<String> names() {
    return servers.tools().stream().map(tool -> tool.definition().name()).toList();
  }

  Tool tool(String name) {
    return servers.tools().stream()
        .filter(tool -> tool.definition().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + names()));
  }

  /** The toolbox of a turn that starts now. */
  Toolbox toolbox() {
    return servers.addTo(new Toolbox(List.of(), new Results(workspace, mask)));
  }

  ToolResult call(String tool, String arguments) throws InterruptedException {
    return call(toolbox(), tool, arguments);
  }

  static ToolResult call(Toolbox tools, String tool, String arguments) throws InterruptedException {
    return tools.call(
        new ToolCall("c1", tool, arguments, false), new ToolContext("chat", "turn", "c1", true));
  }

  /** Lets the script do something. */
  ToolResult does(String what) throws InterruptedException {
    return call("mcp_odd_work", "{\"do\":\"" + what + "\"}");
  }

  @Override
  public void close() {
    servers.close();
  }
}
