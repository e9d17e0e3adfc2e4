package ai.liberclaw.agent.model;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One question with its attempts. They run on a virtual thread of their own: interrupting it closes
 * its socket at once, whatever kind of thread asked, and so bounds the call exactly.
 */
final class HttpCall {
  private static final System.Logger LOG = System.getLogger(HttpModel.class.getName());
  private static final Duration END_TIMEOUT = Duration.ofSeconds(1);

  private final HttpModel model;
  private final ModelRequest request;
  private final Gate listener;
  private final CompletableFuture<Reply> result = new CompletableFuture<>();
  private final long deadline;
  private volatile boolean cancelled;

  HttpCall(HttpModel model, ModelRequest request, ReplyListener listener) {
    this.model = model;
    this.request = request;
    this.listener = new Gate(listener);
    this.deadline = System.nanoTime() + model.patience().timeout().toNanos();
  }

  Reply reply() throws ModelException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Thread worker = Thread.ofVirtual().name("inference").start(this::run);
    try {
      return result.get(remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      cancel(worker);
      listener.discardShown();
      Failure failure = Failure.timeout("whole call over its bound");
      LOG.log(Level.WARNING, "inference.failed reason={0}", failure.reason());
      throw failure.toModelException();
    } catch (InterruptedException e) {
      cancel(worker);
      throw e;
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } finally {
      listener.close();
    }
  }

  private static ModelException unwrapped(ExecutionException e) {
    return switch (e.getCause()) {
      case ModelException failed -> failed;
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      case null, default -> throw new IllegalStateException(e);
    };
  }

  private void cancel(Thread worker) throws InterruptedException {
    cancelled = true;
    worker.interrupt();
    // Only a name look-up cannot be interrupted; its thread ends by itself.
    worker.join(END_TIMEOUT);
  }

  private void run() {
    try {
      attempts();
    } catch (ModelException | RuntimeException | Error e) {
      result.completeExceptionally(e);
    } catch (InterruptedException _) {
      // Only cancel() interrupts, and then nobody waits for the result.
      result.cancel(false);
    }
  }

  private void attempts() throws ModelException, InterruptedException {
    Mode mode = model.mode();
    int retry = 0;
    while (true) {
      try {
        attempt(mode);
        return;
      } catch (Failure failure) {
        if (cancelled) {
          throw new InterruptedException();
        }
        listener.discardShown();
        Optional<Mode> simpler = mode.after(failure.remedy());
        if (simpler.isPresent()) {
          mode = simpler.get();
          continue;
        }
        Duration wait = model.patience().beforeRetry(retry, failure.retryAfterSeconds());
        boolean over =
            !failure.isRetryable()
                || retry == model.patience().retries()
                || wait.compareTo(remaining()) >= 0;
        LOG.log(
            Level.WARNING,
            "inference.{0} provider={1} attempt={2} code={3} reason={4}",
            over ? "failed" : "retried",
            model.provider(),
            retry + 1,
            failure.code().wireName(),
            failure.reason());
        if (over) {
          throw failure.toModelException();
        }
        retry++;
        Thread.sleep(wait);
      }
    }
  }

  /** Completes the result, or fails. */
  private void attempt(Mode mode) throws Failure {
    byte[] body = model.wire().body(request, mode);
    try (HttpExchange exchange = HttpExchange.open(model, body, mode)) {
      Reply reply = exchange.reply(listener).by(model);
      model.remember(mode);
      result.complete(reply);
      // The answer is out; what follows only lets the connection be used again.
      exchange.drain();
    } catch (Gate.ListenerException e) {
      throw e.bug();
    } catch (HttpExchange.TooLargeException e) {
      throw Failure.tooLarge(e.bytesMax());
    } catch (IOException | RuntimeException e) {
      if (result.isDone()) {
        return;
      }
      throw HttpExchange.failure(e);
    }
  }

  private Duration remaining() {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  /** Lets nothing through to the listener once the call is over. */
  private static final class Gate implements ReplyListener {
    private final ReplyListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean shown;
    private boolean closed;

    Gate(ReplyListener listener) {
      this.listener = listener;
    }

    @Override
    public void textDelta(String delta) {
      pass(() -> {
        shown = true;
        listener.textDelta(delta);
      });
    }

    @Override
    public void discarded() {
      pass(listener::discarded);
    }

    void discardShown() {
      if (shown) {
        shown = false;
        discarded();
      }
    }

    void close() {
      lock.lock();
      try {
        closed = true;
      } finally {
        lock.unlock();
      }
    }

    private void pass(Runnable call) {
      lock.lock();
      try {
        if (!closed) {
          call.run();
        }
      } catch (RuntimeException e) {
        throw new ListenerException(e);
      } finally {
        lock.unlock();
      }
    }

    /** A fault of the listener, not of the connection. */
    private static final class ListenerException extends RuntimeException {
      private final RuntimeException bug;

      ListenerException(RuntimeException bug) {
        super(bug);
        this.bug = bug;
      }

      RuntimeException bug() {
        return bug;
      }
    }
  }
}
