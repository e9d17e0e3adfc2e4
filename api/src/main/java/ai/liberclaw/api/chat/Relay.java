package ai.liberclaw.api.chat;

import ai.liberclaw.api.streams.OpenStreams;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.sse.SseReader;
import ai.liberclaw.core.sse.SseTooLargeException;
import ai.liberclaw.core.sse.TimeSlice;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.deploy.client.AgentClient;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentStream;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries one stream of an agent to one client. The request's own thread holds the client's side
 * and waits; a second virtual thread, the pump, reads the agent and writes its events. So the two
 * ends can fail apart from each other: a client that leaves frees the request at once, while the
 * pump may read an agent's turn to its end.
 */
final class Relay {
  /** What differs between the kinds of streams. */
  interface Turn {
    AgentStream open() throws AgentException;

    /** Every type of event is shown, with its number, not only those of the original. */
    boolean showsAll();

    /** The stream is one turn and ends with its {@code done}. */
    boolean endsWithDone();

    /** The agent finishes without a reader, so a lost client closes it. */
    boolean resumes();

    /** Called once, before the client learns of the end. */
    void ended(Ending ending);

    /** Called after the {@code done} of a stream that ends with it. */
    void afterDone(ClientStream client);
  }

  /** How a turn ended, for what was counted for it. */
  enum Ending {
    /** It reached the agent. */
    REACHED,
    /** The agent never got the message. */
    NOT_REACHED
  }

  private enum Cut {
    CLIENT_GONE,
    STOPPED,
    SHUTDOWN,
    TOO_LONG
  }

  private static final Logger LOG = System.getLogger(Relay.class.getName());
  private static final int CONNECT_TRIES_MAX = 3;

  private final Turn turn;
  private final RelayLimits limits;
  private final CompletableFuture<Optional<AgentException>> head = new CompletableFuture<>();
  private final CompletableFuture<Optional<ClientStream>> opened = new CompletableFuture<>();
  private final CountDownLatch served = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final ReentrantLock phase = new ReentrantLock();
  private @Nullable Thread pump;
  private boolean waiting;
  private volatile @Nullable Cut cut;
  private volatile long detachedSince;
  private boolean endingTold;
  private Runnable passedOn = () -> {};
  private Runnable atEnd = () -> {};

  Relay(Turn turn, RelayLimits limits) {
    this.turn = turn;
    this.limits = limits;
  }

  /** Runs the action when the agent's side is closed too; set before serving. */
  void onEnd(Runnable action) {
    atEnd = action;
  }

  /**
   * Serves the client to the end of its stream.
   *
   * @param streams counts what is passed on
   * @throws Refusal 429 when the agent says in time that it is busy
   * @throws InterruptedException when the client is gone
   */
  void serve(Exchange exchange, OpenStreams streams) throws InterruptedException, IOException {
    passedOn = streams::relayedOne;
    TimeSlice slice = exchange.streams().slice();
    Thread reader = Thread.ofVirtual().name("relay-" + exchange.id()).unstarted(() -> run(slice));
    pump = reader;
    reader.start();
    try {
      boolean silent = awaitHead().isEmpty();
      ClientStream client = new ClientStream(exchange, limits);
      opened.complete(Optional.of(client));
      if (cut == Cut.SHUTDOWN) {
        // It came before there was anybody to tell.
        client.restart(!turn.endsWithDone());
      }
      if (silent) {
        // The head of the answer leaves with its first bytes.
        boolean _ = client.keepalive();
      }
      awaitServed();
      if (client.isBroken()) {
        throw new CloseConnectionException("client gone");
      }
      client.close();
    } finally {
      // Whatever happened, the pump must not wait for a client any more.
      boolean _ = opened.complete(Optional.empty());
      if (served.getCount() > 0) {
        clientGone();
      }
    }
  }

  /** Instead of serving: the message has not left, so nothing is kept of it. */
  void abandon() {
    end(Ending.NOT_REACHED);
    atEnd.run();
    over.countDown();
  }

  /** Closes the agent's side, which aborts the turn of an agent that cannot resume. */
  void stop() {
    cut(Cut.STOPPED);
  }

  /** Tells the client that the server restarts, and ends both sides. */
  void shutDown() {
    cut = Cut.SHUTDOWN;
    opened.getNow(Optional.empty()).ifPresent(client -> client.restart(!turn.endsWithDone()));
    served.countDown();
    cut(Cut.SHUTDOWN);
  }

  /** Waits for the agent's side to be closed, so long and no longer. */
  void awaitEnd(Duration max) {
    try {
      boolean _ = over.await(max.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Optional<AgentException>> awaitHead() throws InterruptedException {
    Optional<AgentException> failure;
    try {
      failure = head.get(limits.headWait().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    if (failure.filter(ChatErrors::isBusy).isPresent()) {
      served.countDown();
      throw ChatErrors.busy();
    }
    return Optional.of(failure);
  }

  private void awaitServed() throws InterruptedException {
    if (turn.resumes()) {
      served.await();
      return;
    }
    Duration max = limits.originalStreamMax();
    if (!served.await(max.toMillis(), TimeUnit.MILLISECONDS)) {
      cut(Cut.TOO_LONG);
      served.await();
    }
  }

  private void clientGone() {
    detachedSince = System.nanoTime();
    if (turn.resumes() || cut != null) {
      cut(Cut.CLIENT_GONE);
    }
  }

  private void cut(Cut why) {
    phase.lock();
    try {
      if (cut == null) {
        cut = why;
      }
      // Interrupted only while it waits for the agent, never in the middle of something to finish.
      if (waiting && pump != null) {
        pump.interrupt();
      }
    } finally {
      phase.unlock();
    }
  }

  private void run(TimeSlice slice) {
    try (AgentStream agent = connect()) {
      head.complete(Optional.empty());
      read(new SseReader(agent.body(), AgentClient.EVENT_BYTES_MAX, slice));
    } catch (AgentException e) {
      fail(e);
    } catch (RuntimeException e) {
      // A fault of ours must not leave the client without an end.
      LOG.log(Level.ERROR, "relay.failed", e);
      head.complete(Optional.empty());
      boolean ended =
          turn.endsWithDone() && opened.join().map(ClientStream::isDoneLast).orElse(true);
      if (!ended) {
        failWith(ChatErrors.lost());
      }
    } finally {
      end(Ending.REACHED);
      served.countDown();
      atEnd.run();
      over.countDown();
    }
  }

  /** Tries again only where the request provably did not reach the agent. */
  private AgentStream connect() throws AgentException {
    for (int attempt = 1; ; attempt++) {
      try {
        return await(turn::open);
      } catch (AgentException e) {
        boolean again =
            e.kind() == AgentException.Kind.UNREACHABLE
                && attempt < CONNECT_TRIES_MAX
                && cut == null;
        if (!again) {
          throw e;
        }
        pause(limits.connectRetry().multipliedBy(attempt), e);
      }
    }
  }

  private void pause(Duration time, AgentException failure) throws AgentException {
    await(() -> {
      try {
        Thread.sleep(time);
      } catch (InterruptedException _) {
        throw failure;
      }
      return time;
    });
  }

  private void read(SseReader events) throws AgentException {
    ClientStream client = null;
    boolean any = false;
    boolean doneLast = false;
    while (await(() -> advance(events))) {
      String type = EventType.of(events.data(), events.dataLength());
      if (type.equals(EventType.INVALID)) {
        continue;
      }
      any = true;
      doneLast = type.equals(EventType.DONE) || (doneLast && type.equals(EventType.KEEPALIVE));
      if (client == null) {
        client = opened.join().orElse(null);
      }
      if (doneLast && turn.endsWithDone()) {
        end(Ending.REACHED);
        if (client != null && forward(client, events, type)) {
          turn.afterDone(client);
        }
        served.countDown();
        readOut(events);
        return;
      }
      boolean hasReader = client != null && forward(client, events, type);
      if (!hasReader && !goesOnAlone()) {
        return;
      }
    }
    if (!any || !doneLast) {
      failWith(ChatErrors.lost());
    }
  }

  /** Whether a turn without a reader is read on: an agent that can't resume would abort it. */
  private boolean goesOnAlone() {
    if (detachedSince == 0) {
      detachedSince = System.nanoTime();
    }
    served.countDown();
    return !turn.resumes()
        && cut == null
        && System.nanoTime() - detachedSince < limits.detachedMax().toNanos();
  }

  /** Read to its end, the connection can be used again; what still comes is ignored. */
  private void readOut(SseReader events) {
    try {
      boolean _ = await(() -> advance(events));
    } catch (AgentException _) {
      // The turn is over either way.
    }
  }

  private boolean forward(ClientStream client, SseReader events, String type) {
    if (!turn.showsAll() && !EventType.isCommon(type)) {
      return !client.isBroken();
    }
    byte[] json = events.data();
    int length = events.dataLength();
    for (int i = 0; i < length; i++) {
      if (json[i] == '\n') {
        // Between the tokens of a document spread over lines a blank is as good.
        json[i] = ' ';
      }
    }
    String id = turn.showsAll() ? events.id() : null;
    passedOn.run();
    return client.forward(id != null && isNumber(id) ? id : null, json, length, type);
  }

  private static boolean isNumber(String id) {
    return !id.isEmpty() && id.length() < 20 && id.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean advance(SseReader events) throws AgentException {
    try {
      return events.advance();
    } catch (SseTooLargeException e) {
      throw AgentClient.failure(e);
    } catch (IOException | RuntimeException e) {
      throw AgentClient.failure(e);
    }
  }

  private void fail(AgentException e) {
    Cut why = cut;
    if (ChatErrors.isBusy(e) || e.kind() == AgentException.Kind.UNREACHABLE) {
      end(Ending.NOT_REACHED);
    }
    head.complete(Optional.of(e));
    if (why == null) {
      failWith(ChatErrors.of(e));
      return;
    }
    switch (why) {
      case STOPPED -> failWith(ChatErrors.cancelled());
      case TOO_LONG -> failWith(ChatErrors.silent());
      case CLIENT_GONE, SHUTDOWN -> {}
    }
  }

  /** Ends the client's stream with an error and a {@code done} of our own. */
  private void failWith(ObjectNode error) {
    end(Ending.REACHED);
    opened
        .join()
        .ifPresent(client -> {
          if (client.fail(error) && turn.endsWithDone()) {
            turn.afterDone(client);
          }
        });
  }

  private void end(Ending ending) {
    if (endingTold) {
      return;
    }
    endingTold = true;
    try {
      turn.ended(ending);
    } catch (RuntimeException e) {
      // The database is away: a message too many was counted, or a lease runs out by itself.
      LOG.log(Level.WARNING, "relay.ending_not_noted ending=" + ending, e);
    }
  }

  /** Waits for the agent; only here an interrupt may hit the pump. */
  private <T> T await(Waiting<T> step) throws AgentException {
    phase.lock();
    try {
      if (cut != null) {
        throw AgentClient.failure(new IOException("cut"));
      }
      waiting = true;
    } finally {
      phase.unlock();
    }
    try {
      return step.run();
    } finally {
      phase.lock();
      try {
        waiting = false;
        boolean _ = Thread.interrupted();
      } finally {
        phase.unlock();
      }
    }
  }

  private interface Waiting<T> {
    T run() throws AgentException;
  }
}
