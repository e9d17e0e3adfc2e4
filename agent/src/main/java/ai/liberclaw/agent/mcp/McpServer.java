package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.tool.Tool;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.agent.tool.Untrusted;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One server: keeps it connected, knows its tools, calls them. The tools it had stay on offer while
 * it is away, so that what a model is told does not change with each hiccup.
 */
final class McpServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(McpServer.class.getName());

  /** Opens the way to a server. */
  @FunctionalInterface
  interface Opener {
    Connection open(Connection.Listener listener) throws McpException;
  }

  private final ServerSettings settings;
  private final Opener opener;
  private final UnaryOperator<String> mask;
  private final ToolList list;
  private final Times times;
  private final CircuitBreaker breaker;
  private final Thread thread;
  private final Semaphore news = new Semaphore(0);
  private final CountDownLatch tried = new CountDownLatch(1);
  private final AtomicInteger pending = new AtomicInteger();
  private volatile boolean toolsChanged;
  private volatile @Nullable Connection connection;
  private volatile SortedMap<String, ToolDefinition> definitions = new TreeMap<>();
  private volatile List<Tool> tools = List.of();
  private volatile String error = "not connected yet";

  McpServer(
      ServerSettings settings,
      Opener opener,
      ToolNames names,
      Times times,
      UnaryOperator<String> mask) {
    this.settings = settings;
    this.opener = opener;
    this.mask = mask;
    this.list = new ToolList(settings.name(), names);
    this.times = times;
    this.breaker = new CircuitBreaker(times.pause());
    this.thread = Thread.ofVirtual().name("mcp-" + settings.name()).unstarted(this::run);
  }

  /** Connects in the background, and again whenever that is lost. */
  void start() {
    thread.start();
  }

  /** What it offers, or offered last. */
  List<Tool> tools() {
    return tools;
  }

  /** Waits until it is connected, or the first attempt has failed, but no longer than this. */
  void awaitFirstAttempt(Duration max) throws InterruptedException {
    boolean ignored = tried.await(max.toNanos(), TimeUnit.NANOSECONDS);
  }

  boolean isConnected() {
    return connection != null;
  }

  ObjectNode health() {
    ObjectNode health =
        Json.object()
            .put("name", settings.name())
            .put("transport", settings.transport())
            .put("connected", isConnected())
            .put("tool_count", tools.size())
            .put("pending_requests", pending.get());
    String said = error;
    return said.isEmpty() ? health.putNull("error") : health.put("error", said);
  }

  /** Calls a tool by the server's own name of it. */
  ToolResult call(String tool, ObjectNode arguments) throws InterruptedException {
    if (!definitions.containsKey(tool)) {
      return ToolResult.error("tool no longer offered by server '" + settings.name() + "'");
    }
    Optional<Duration> open = breaker.open();
    if (open.isPresent()) {
      return failure(
          "failed "
              + CircuitBreaker.FAILURES_MAX
              + " times in a row and is not asked for another "
              + Math.max(1, open.get().toSeconds())
              + " s; go on without it, or try again later",
          "");
    }
    Connection current = connection;
    if (current == null) {
      return failure("is not connected; it is tried again in the background", error);
    }
    ObjectNode params = Json.object().put("name", tool);
    params.set("arguments", arguments);
    pending.incrementAndGet();
    try {
      JsonNode result = current.request("tools/call", params, times.call());
      breaker.succeeded();
      return CallResult.of(source(), result);
    } catch (McpException e) {
      return failed(e);
    } finally {
      pending.decrementAndGet();
    }
  }

  private ToolResult failed(McpException e) {
    LOG.log(Level.INFO, "mcp.call_failed server={0} kind={1}", settings.name(), e.kind());
    return switch (e.kind()) {
      case REFUSED -> {
        breaker.succeeded();
        yield failure("refused the call", e.text());
      }
      case TIMEOUT -> {
        breaker.failed();
        yield failure(
            "gave no answer within "
                + times.call().toSeconds()
                + " s; the call may or may not have taken effect",
            "");
      }
      case TRANSPORT -> {
        breaker.failed();
        yield failure("failed; the call may or may not have taken effect", e.text());
      }
    };
  }

  private ToolResult failure(String what, String words) {
    String text = "[error: MCP server '" + settings.name() + "' " + what + "]";
    return ToolResult.of(
        words.isEmpty() ? text : text + "\n" + Untrusted.wrap(source(), words), true);
  }

  private String source() {
    return "MCP server " + settings.name();
  }

  private void run() {
    int failures = 0;
    try {
      while (true) {
        long began = System.nanoTime();
        try {
          connectAndAttend();
        } catch (McpException e) {
          error = mask.apply(e.text());
        } catch (RuntimeException e) {
          LOG.log(Level.ERROR, "mcp.failed server=" + settings.name(), e);
          error = "failed; the log says why";
        }
        tried.countDown();
        boolean lasted = System.nanoTime() - began > times.stable().toNanos();
        failures = lasted ? 0 : failures + 1;
        Duration wait = lasted ? Duration.ZERO : times.reconnect().delay(failures);
        LOG.log(
            Level.WARNING,
            "mcp.not_connected server={0} reason={1} next_attempt={2}",
            settings.name(),
            error,
            wait);
        Thread.sleep(wait);
      }
    } catch (InterruptedException _) {
      // The agent stops.
    }
  }

  /** Connects, and returns only by an exception: when there is no connection any more. */
  private void connectAndAttend() throws McpException, InterruptedException {
    long deadline = System.nanoTime() + times.other().toNanos();
    news.drainPermits();
    toolsChanged = false;
    Connection opened = opener.open(new News());
    try {
      Handshake handshake = opened.initialize(times.other());
      if (handshake.tools()) {
        refresh(opened, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      } else {
        offer(new TreeMap<>());
      }
      connection = opened;
      error = "";
      tried.countDown();
      LOG.log(
          Level.INFO,
          "mcp.connected server={0} transport={1} version={2} tools={3}",
          settings.name(),
          settings.transport(),
          handshake.version(),
          tools.size());
      attend(opened, handshake.tools());
    } finally {
      connection = null;
      opened.close();
    }
  }

  private void attend(Connection current, boolean hasTools)
      throws McpException, InterruptedException {
    while (true) {
      boolean told = news.tryAcquire(times.refresh().toNanos(), TimeUnit.NANOSECONDS);
      news.drainPermits();
      Optional<String> lost = current.lost();
      if (lost.isPresent()) {
        throw McpException.transport(lost.get());
      }
      // A server that is busy may be slow to list; its tools can wait.
      if (hasTools && (toolsChanged || (!told && pending.get() == 0))) {
        toolsChanged = false;
        again(current);
        Thread.sleep(times.settle());
      }
    }
  }

  /** Reads the list again. A server that refuses, or is busy with a call, keeps the one it had. */
  private void again(Connection current) throws McpException, InterruptedException {
    try {
      refresh(current, times.other());
      error = "";
    } catch (McpException e) {
      boolean busy = e.kind() == McpException.Kind.TIMEOUT && pending.get() > 0;
      if (e.kind() != McpException.Kind.REFUSED && !busy) {
        throw e;
      }
      error = mask.apply("tools not refreshed: " + e.text());
      LOG.log(Level.WARNING, "mcp.not_refreshed server={0}", settings.name());
    }
  }

  private void refresh(Connection current, Duration timeout)
      throws McpException, InterruptedException {
    offer(list.read(current, timeout));
  }

  private void offer(SortedMap<String, ToolDefinition> offered) {
    definitions = offered;
    tools =
        offered.entrySet().stream()
            .<Tool>map(tool -> new McpTool(this, tool.getKey(), tool.getValue()))
            .toList();
  }

  private final class News implements Connection.Listener {
    @Override
    public void lost() {
      news.release();
    }

    @Override
    public void toolsChanged() {
      toolsChanged = true;
      news.release();
    }
  }

  /** Ends the connection; returns when it has ended. */
  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
