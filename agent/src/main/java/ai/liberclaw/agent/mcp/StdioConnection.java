package ai.liberclaw.agent.mcp;

import ai.liberclaw.agent.tool.shell.ChildServer;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Messages as lines over the standard input and output of a child. Three platform threads serve
 * one: pipes block them, and no request may wait for a child that neither reads nor writes.
 */
final class StdioConnection implements Connection {
  private static final Logger LOG = System.getLogger(StdioConnection.class.getName());
  private static final int OUTGOING_MAX = 64;

  /** Tells the writer to close the child's input: no message is empty. */
  private static final byte[] END = new byte[0];

  private static final Duration EXIT_GRACE = Duration.ofMillis(500);

  private final String server;
  private final ChildServer child;
  private final Listener listener;
  private final ErrorOutput errors;
  private final BlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(OUTGOING_MAX);
  private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicReference<@Nullable String> lost = new AtomicReference<>();
  private final Thread reader;
  private final Thread errorReader;

  /** Takes over a child that has just started. */
  StdioConnection(String server, ChildServer child, Listener listener, UnaryOperator<String> mask) {
    this.server = server;
    this.child = child;
    this.listener = listener;
    this.errors = new ErrorOutput(server, child.error(), mask);
    errorReader = thread("stderr", errors::drain);
    errorReader.start();
    thread("writer", this::write).start();
    reader = thread("reader", this::read);
    reader.start();
    child.onExit(this::exited);
  }

  private Thread thread(String role, Runnable work) {
    return Thread.ofPlatform().daemon().name("mcp-" + server + "-" + role).unstarted(work);
  }

  @Override
  public Handshake initialize(Duration timeout) throws McpException, InterruptedException {
    Handshake handshake = Handshake.of(exchange("initialize", Handshake.params(), timeout, false));
    send(Rpc.notification("notifications/initialized", Json.object()));
    return handshake;
  }

  @Override
  public JsonNode request(String method, ObjectNode params, Duration timeout)
      throws McpException, InterruptedException {
    return exchange(method, params, timeout, true);
  }

  private JsonNode exchange(String method, ObjectNode params, Duration timeout, boolean cancellable)
      throws McpException, InterruptedException {
    long id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    try {
      throwIfLost();
      send(Rpc.request(id, method, params));
      return Rpc.result(answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException _) {
      cancel(cancellable, id, "timeout");
      throw McpException.timeout("no answer within " + timeout.toSeconds() + " s");
    } catch (InterruptedException e) {
      cancel(cancellable, id, "stopped by the user");
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof McpException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      waiting.remove(id);
    }
  }

  private void cancel(boolean cancellable, long id, String reason) {
    if (cancellable && !offer(Rpc.cancelled(id, reason))) {
      LOG.log(Level.DEBUG, "mcp.cancellation_lost server={0}", server);
    }
  }

  private void send(ObjectNode message) throws McpException {
    if (!offer(message)) {
      throw McpException.transport("does not read its input");
    }
  }

  private boolean offer(ObjectNode message) {
    return outgoing.offer(Json.writeBytes(message));
  }

  private void throwIfLost() throws McpException {
    String reason = lost.get();
    if (reason != null) {
      throw McpException.transport(reason);
    }
  }

  private void write() {
    try (OutputStream out = child.input()) {
      for (byte[] message = outgoing.take(); message.length > 0; message = outgoing.take()) {
        out.write(message);
        out.write('\n');
        out.flush();
      }
    } catch (IOException _) {
      ended("closed its input");
    } catch (InterruptedException _) {
      // Nobody interrupts it; its stream is closed all the same.
    }
  }

  private void read() {
    MessageReader lines = new MessageReader(child.output(), Rpc.MESSAGE_BYTES_MAX);
    try {
      while (true) {
        try {
          byte[] line = lines.next();
          if (line == null) {
            break;
          }
          receive(line);
        } catch (MessageReader.TooLongException e) {
          // Whose answer it is stood in it: nobody need wait for it to the end.
          LOG.log(Level.WARNING, "mcp.message_too_long server={0}", server);
          failAll(McpException.transport("sent a " + e.getMessage()));
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "mcp.output_lost server={0} reason={1}", server, e.getMessage());
    }
    ended("closed its output");
  }

  private void receive(byte[] line) {
    JsonNode message;
    try {
      message = Json.parse(line);
    } catch (JsonException _) {
      // Many a program greets on its standard output; its words may be anybody's secret.
      LOG.log(Level.DEBUG, "mcp.line_ignored server={0} bytes={1}", server, line.length);
      return;
    }
    // Older revisions allow several messages in one.
    for (JsonNode one : message.isArray() ? message : List.of(message)) {
      dispatch(one);
    }
  }

  private void dispatch(JsonNode message) {
    if (Rpc.isFromServer(message)) {
      Rpc.answer(message).ifPresent(this::offer);
      if (Rpc.isToolListChange(message)) {
        listener.toolsChanged();
      }
      return;
    }
    CompletableFuture<JsonNode> answer = Rpc.answered(message).map(waiting::remove).orElse(null);
    if (answer == null || !answer.complete(message)) {
      LOG.log(Level.DEBUG, "mcp.answer_ignored server={0}", server);
    }
  }

  private void exited() {
    // What it wrote before its end still counts.
    await(reader);
    ended("ended");
  }

  private void ended(String what) {
    Optional<Integer> code = child.exitCode(EXIT_GRACE);
    if (code.isPresent()) {
      await(errorReader);
    }
    String last = errors.last();
    lose(
        code.map(status -> "its process ended with exit code " + status).orElse(what)
            + (last.isEmpty() ? "" : " (last words: " + last + ")"));
  }

  /** A process of its own that it left behind may keep its pipes open. */
  private static void await(Thread pipe) {
    try {
      boolean _ = pipe.join(EXIT_GRACE);
    } catch (InterruptedException _) {
      // Nobody interrupts these threads.
    }
  }

  private void lose(String reason) {
    if (lost.compareAndSet(null, reason)) {
      failAll(McpException.transport(reason));
      listener.lost();
    }
  }

  private void failAll(McpException failure) {
    for (Long id : List.copyOf(waiting.keySet())) {
      CompletableFuture<JsonNode> answer = waiting.remove(id);
      if (answer != null) {
        answer.completeExceptionally(failure);
      }
    }
  }

  @Override
  public Optional<String> lost() {
    return Optional.ofNullable(lost.get());
  }

  /** Closes the child's input, then TERM, then after five seconds KILL. */
  @Override
  public void close() {
    lose("closed");
    outgoing.clear();
    boolean told = outgoing.offer(END);
    if (told) {
      Optional<Integer> _ = child.exitCode(EXIT_GRACE);
    }
    child.end();
  }
}
