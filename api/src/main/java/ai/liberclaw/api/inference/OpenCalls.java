package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The calls at work on this server: bounded per agent, ended together when it stops. */
final class OpenCalls {
  private static final Map<String, String> SOON = Map.of("Retry-After", "5");
  private static final Duration END_WAIT_MAX = Duration.ofSeconds(5);

  private final int perAgentMax;
  private final Map<UUID, Integer> counts = new ConcurrentHashMap<>();
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  OpenCalls(int perAgentMax) {
    this.perAgentMax = perAgentMax;
  }

  /** What waits for a service, and may be cut off there. */
  @FunctionalInterface
  interface Waiting<T, E extends Exception> {
    T run() throws E;
  }

  /** Why a call ends before its time. */
  private enum End {
    SERVER_STOPS,
    CALLER_LEFT
  }

  /** One call; made, used and closed by the thread of its request. */
  final class Call implements AutoCloseable {
    private final UUID agent;
    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch over = new CountDownLatch(1);
    private boolean waiting;
    private @Nullable End end;

    private Call(UUID agent) {
      this.agent = agent;
    }

    /**
     * Waits for a service; only here the end of the server and a caller that leaves interrupt.
     *
     * @throws IOException when the server stops, or the caller has left
     */
    <T, E extends Exception> T await(Waiting<T, E> step) throws E, IOException {
      lock.lock();
      try {
        if (end != null) {
          throw new IOException("nobody waits for it any more");
        }
        waiting = true;
      } finally {
        lock.unlock();
      }
      try {
        return step.run();
      } finally {
        lock.lock();
        try {
          waiting = false;
          if (end != null) {
            // Told by that from here on; what is still to be written must not find it.
            boolean _ = Thread.interrupted();
          }
        } finally {
          lock.unlock();
        }
      }
    }

    /**
     * Does nothing while somebody waits for the call.
     *
     * @throws Refusal 503 when the server stops
     * @throws CloseConnectionException when the caller has left
     */
    void throwIfOver() {
      switch (end()) {
        case null -> {
          // Somebody does.
        }
        case SERVER_STOPS -> throw new Refusal(503, "Server is restarting. Please retry.", SOON);
        case CALLER_LEFT -> throw new CloseConnectionException("client gone");
      }
    }

    /** The caller has left. */
    void callerLeft() {
      end(End.CALLER_LEFT);
    }

    private void cut() {
      end(End.SERVER_STOPS);
    }

    private @Nullable End end() {
      lock.lock();
      try {
        return end;
      } finally {
        lock.unlock();
      }
    }

    private void end(End why) {
      lock.lock();
      try {
        if (end == null) {
          end = why;
        }
        if (waiting) {
          thread.interrupt();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      calls.remove(this);
      over.countDown();
      leave(agent);
    }
  }

  /**
   * @throws Refusal 429 when the agent has too many open, 503 while the server stops
   */
  Call open(UUID agent) {
    int count = counts.merge(agent, 1, Integer::sum);
    if (count > perAgentMax) {
      leave(agent);
      throw new Refusal(
          429, "Too many model calls at a time: at most " + perAgentMax + " per agent", SOON);
    }
    Call call = new Call(agent);
    calls.add(call);
    if (stopping) {
      call.close();
      throw new Refusal(503, "Server is restarting. Please retry.", SOON);
    }
    return call;
  }

  /** Takes no more calls, and ends the open ones; returns once what they used is noted. */
  void drain() {
    stopping = true;
    calls.forEach(Call::cut);
    long last = System.nanoTime() + END_WAIT_MAX.toNanos();
    for (Call call : calls) {
      try {
        boolean _ = call.over.await(last - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void leave(UUID agent) {
    @Nullable Integer _ =
        counts.computeIfPresent(agent, (_, count) -> count == 1 ? null : count - 1);
  }
}
