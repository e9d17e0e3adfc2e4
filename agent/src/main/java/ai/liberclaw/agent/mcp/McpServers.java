package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.Toolbox;
import ai.liberclaw.agent.tool.shell.ChildServers;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The MCP servers of an agent and the tools they have. Servers come and go by themselves: nothing
 * here waits for one but a call of its tools.
 */
public final class McpServers implements AutoCloseable {
  /** How long after the start a turn that a former process left waits for servers. */
  static final Duration RECOVERED_WAIT_MAX = Duration.ofSeconds(10);

  private final List<McpServer> servers;
  private final ChildServers children;
  private volatile long startedNanos = System.nanoTime();

  /**
   * Prepares the connections; {@link #start} makes them.
   *
   * @param children starts those servers that are programs; closed with this
   * @param mask takes secrets out of what servers write
   */
  public McpServers(McpSettings settings, ChildServers children, UnaryOperator<String> mask) {
    this(settings, children, mask, Times.STANDARD);
  }

  McpServers(McpSettings settings, ChildServers children, UnaryOperator<String> mask, Times times) {
    this.children = children;
    ToolNames names = new ToolNames();
    servers =
        settings.servers().stream()
            .map(server -> new McpServer(server, opener(server, mask), names, times, mask))
            .toList();
  }

  private McpServer.Opener opener(ServerSettings server, UnaryOperator<String> mask) {
    return switch (server) {
      case ServerSettings.Http http -> listener -> new HttpConnection(http, listener);
      case ServerSettings.Stdio stdio -> listener -> open(stdio, listener, mask);
    };
  }

  private Connection open(
      ServerSettings.Stdio stdio, Connection.Listener listener, UnaryOperator<String> mask)
      throws McpException {
    List<String> command = new ArrayList<>(List.of(stdio.command()));
    command.addAll(stdio.args());
    Map<String, String> environment = stdio.environment();
    try {
      return new StdioConnection(
          stdio.name(), children.start(command, environment), listener, mask);
    } catch (IOException e) {
      throw McpException.transport(
          "cannot be started: " + mask.apply(String.valueOf(e.getMessage())));
    }
  }

  /** Connects to all in the background. */
  public void start() {
    startedNanos = System.nanoTime();
    servers.forEach(McpServer::start);
  }

  /**
   * Waits until each server is connected or has failed once, at most until {@link
   * #RECOVERED_WAIT_MAX} after the start: a turn that goes on keeps the tools it begins with.
   */
  public void awaitFirstAttempts() throws InterruptedException {
    long deadline = startedNanos + RECOVERED_WAIT_MAX.toNanos();
    for (McpServer server : servers) {
      server.awaitFirstAttempt(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
  }

  /** What the servers offer now: in the order of the servers, then of the tools' names. */
  public List<Tool> tools() {
    return servers.stream().map(McpServer::tools).flatMap(List::stream).toList();
  }

  /** The toolbox and what the servers offer now. */
  public Toolbox addTo(Toolbox tools) {
    return servers.isEmpty() ? tools : tools.with(tools());
  }

  /**
   * In a word: {@code disabled} without servers, {@code ok} with all connected, else {@code
   * degraded}.
   */
  public String state() {
    return servers.isEmpty()
        ? "disabled"
        : servers.stream().allMatch(McpServer::isConnected) ? "ok" : "degraded";
  }

  /** How the servers are, for the owner: no addresses, commands or keys. */
  public ObjectNode health() {
    List<ObjectNode> each = servers.stream().map(McpServer::health).toList();
    ObjectNode health =
        Json.object()
            .put("enabled", !servers.isEmpty())
            .put("server_count", servers.size())
            .put(
                "connected_count",
                each.stream().filter(s -> s.path("connected").asBoolean()).count())
            .put("tool_count", each.stream().mapToInt(s -> s.path("tool_count").asInt()).sum());
    ArrayNode list = health.putArray("servers");
    each.forEach(list::add);
    return health;
  }

  /** Ends all connections, side by side, and the programs that were started for them. */
  @Override
  public void close() {
    List<Thread> closing =
        servers.stream()
            .map(server -> Thread.ofVirtual().name("mcp-close").start(server::close))
            .toList();
    boolean interrupted = false;
    for (Thread one : closing) {
      while (one.isAlive()) {
        try {
          one.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    children.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
