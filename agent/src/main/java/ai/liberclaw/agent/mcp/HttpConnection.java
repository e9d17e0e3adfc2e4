package ai.liberclaw.agent.mcp;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.WebClient;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Streamable HTTP. Each request is a POST whose answer carries what belongs to it; there is no
 * standing stream, so a change of tools is heard of with the next answer, or the next look.
 *
 * <p>Every POST runs on a virtual thread of its own: interrupting it closes its socket at once, and
 * so bounds it from the first byte to the last.
 */
final class HttpConnection implements Connection {
  private static final Logger LOG = System.getLogger(HttpConnection.class.getName());
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration READ_TIMEOUT = Duration.ofMinutes(10);

  /** Messages at a time that nobody waits for: cancellations, answers to the server's requests. */
  private static final int SIDE_MAX = 16;

  private static final Duration SIDE_TIMEOUT = Duration.ofSeconds(5);

  private final ServerSettings.Http server;
  private final Listener listener;
  private final HttpHeaders headers;
  private final WebClient client;
  private final AtomicLong ids = new AtomicLong();
  private final Semaphore side = new Semaphore(SIDE_MAX);
  private final ReentrantLock recovering = new ReentrantLock();
  private volatile Session session = new Session(0, Optional.empty(), Handshake.VERSION);
  private volatile boolean closed;

  HttpConnection(ServerSettings.Http server, Listener listener) {
    this.server = server;
    this.listener = listener;
    this.headers = new HttpHeaders(server.headers());
    this.client =
        WebClient.builder()
            .followRedirects(false)
            .shareConnectionCache(false)
            .connectTimeout(CONNECT_TIMEOUT)
            .readTimeout(READ_TIMEOUT)
            .build();
  }

  @Override
  public Handshake initialize(Duration timeout) throws McpException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long id = ids.incrementAndGet();
    HttpPost post = new HttpPost(client, server.url(), headers, Optional.empty());
    ObjectNode message = Rpc.request(id, "initialize", Handshake.params());
    HttpPost.Answer answer = bounded(timeout, () -> post.request(id, message, this::other));
    Handshake handshake = Handshake.of(Rpc.result(answer.message()));
    Session begun = new Session(session.number() + 1, answer.session(), handshake.version());
    HttpPost second = post(begun);
    ObjectNode initialized = Rpc.notification("notifications/initialized", Json.object());
    int _ = bounded(left(deadline), () -> second.tell(initialized));
    session = begun;
    return handshake;
  }

  @Override
  public JsonNode request(String method, ObjectNode params, Duration timeout)
      throws McpException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    Session known = session;
    try {
      return request(known, method, params, timeout);
    } catch (SessionGone _) {
      Session begun = recover(known, left(deadline));
      try {
        return request(begun, method, params, left(deadline));
      } catch (SessionGone _) {
        throw McpException.transport("forgets its sessions at once");
      }
    }
  }

  /** Begins a new session, once for all who have found the same one gone. */
  private Session recover(Session gone, Duration timeout)
      throws McpException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    if (!recovering.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      throw McpException.timeout("no new session within " + timeout.toSeconds() + " s");
    }
    try {
      if (session.number() == gone.number()) {
        LOG.log(Level.INFO, "mcp.session_gone server={0}", server.name());
        Handshake _ = initialize(left(deadline));
      }
      return session;
    } finally {
      recovering.unlock();
    }
  }

  /** The session of a request is not known to the server. */
  private static final class SessionGone extends Exception {
    SessionGone() {
      super(null, null, false, false);
    }
  }

  private JsonNode request(Session known, String method, ObjectNode params, Duration timeout)
      throws McpException, SessionGone, InterruptedException {
    long id = ids.incrementAndGet();
    ObjectNode message = Rpc.request(id, method, params);
    HttpPost post = post(known);
    try {
      HttpPost.Answer answer = run(timeout, () -> post.request(id, message, this::other));
      return Rpc.result(answer.message());
    } catch (McpException e) {
      if (e.kind() == McpException.Kind.TIMEOUT) {
        tell(Rpc.cancelled(id, "timeout"));
      }
      throw e;
    } catch (InterruptedException e) {
      tell(Rpc.cancelled(id, "stopped by the user"));
      throw e;
    }
  }

  private <T> T bounded(Duration timeout, Callable<T> exchange)
      throws McpException, InterruptedException {
    try {
      return run(timeout, exchange);
    } catch (SessionGone _) {
      throw McpException.transport("forgets its sessions at once");
    }
  }

  private <T> T run(Duration timeout, Callable<T> exchange)
      throws McpException, SessionGone, InterruptedException {
    FutureTask<T> task = new FutureTask<>(exchange);
    Thread.ofVirtual().name("mcp-" + server.name()).start(task);
    try {
      return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      throw McpException.timeout("no answer within " + timeout.toSeconds() + " s");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case McpException failure -> throw failure;
        case HttpPost.SessionGoneException _ -> throw new SessionGone();
        case IOException failure -> throw unreachable(failure);
        case RuntimeException failure -> throw unreachable(failure);
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      task.cancel(true);
    }
  }

  private McpException unreachable(Throwable failure) {
    LOG.log(Level.DEBUG, "mcp.not_reached server=" + server.name(), failure);
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return McpException.transport("cannot be reached (" + root.getClass().getSimpleName() + ")");
  }

  /** What a server says beside its answer. */
  private void other(JsonNode message) {
    if (Rpc.isToolListChange(message)) {
      listener.toolsChanged();
    }
    if (Rpc.isFromServer(message)) {
      Rpc.answer(message).ifPresent(this::tell);
    }
  }

  /** Sends a message that nobody waits for; one too many at a time is dropped. */
  private void tell(ObjectNode message) {
    if (!side.tryAcquire()) {
      LOG.log(Level.DEBUG, "mcp.not_told server={0} reason=busy", server.name());
      return;
    }
    HttpPost post = post(session);
    Thread.ofVirtual()
        .name("mcp-" + server.name() + "-side")
        .start(() -> {
          try {
            int _ = bounded(SIDE_TIMEOUT, () -> post.tell(message));
          } catch (McpException e) {
            LOG.log(Level.DEBUG, "mcp.not_told server={0} reason={1}", server.name(), e.kind());
          } catch (InterruptedException _) {
            // Nobody interrupts it.
          } finally {
            side.release();
          }
        });
  }

  private HttpPost post(Session known) {
    return new HttpPost(client, server.url(), headers, Optional.of(known));
  }

  private static Duration left(long deadline) {
    return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
  }

  /** There is no connection that could be lost: a request finds out. */
  @Override
  public Optional<String> lost() {
    return closed ? Optional.of("closed") : Optional.empty();
  }

  /** Ends the session at the server, which may not care. */
  @Override
  public void close() {
    closed = true;
    Session known = session;
    if (known.id().isEmpty()) {
      client.closeResource();
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      int status = bounded(SIDE_TIMEOUT, () -> delete(known));
      LOG.log(Level.DEBUG, "mcp.session_ended server={0} status={1}", server.name(), status);
    } catch (McpException e) {
      LOG.log(Level.DEBUG, "mcp.session_left server={0} reason={1}", server.name(), e.getMessage());
    } catch (InterruptedException _) {
      interrupted = true;
    } finally {
      client.closeResource();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private int delete(Session known) {
    HttpClientRequest request = client.delete().uri(server.url());
    headers.addTo(request);
    HttpHeaders.set(request, HttpHeaders.VERSION, known.version());
    known.id().ifPresent(id -> HttpHeaders.set(request, HttpHeaders.SESSION, id));
    try (var response = request.request()) {
      return response.status().code();
    }
  }
}
