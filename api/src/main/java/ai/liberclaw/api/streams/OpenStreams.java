package ai.liberclaw.api.streams;

import ai.liberclaw.core.error.Refusal;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The streams that clients hold open on this server: bounded per user, refused once it stops. */
public final class OpenStreams {
  /** Seconds after which a stream that was refused for now may be asked for again. */
  private static final Map<String, String> SOON = Map.of("Retry-After", "5");

  private final int perUserMax;
  private final Map<UUID, Integer> counts = new ConcurrentHashMap<>();
  private final LongAdder relayed = new LongAdder();
  private volatile boolean stopping;

  public OpenStreams(int perUserMax) {
    this.perUserMax = perUserMax;
  }

  /** One user's stream; closing it frees its place. */
  public interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @throws Refusal 429 when the user has too many open, 503 while the server stops
   */
  public Place open(UUID userId) {
    requireOpen();
    int count = counts.merge(userId, 1, Integer::sum);
    if (count > perUserMax) {
      leave(userId);
      throw new Refusal(429, "Too many open streams: at most " + perUserMax + " per user", SOON);
    }
    return () -> leave(userId);
  }

  /**
   * @throws Refusal 503 while the server stops
   */
  public void requireOpen() {
    if (stopping) {
      throw new Refusal(503, "Server is restarting. Please retry.", SOON);
    }
  }

  /** Takes no more streams. */
  public void stop() {
    stopping = true;
  }

  public boolean isStopping() {
    return stopping;
  }

  /** Notes an event of an agent that was passed on to a client. */
  public void relayedOne() {
    relayed.increment();
  }

  /** Events of agents that were passed on to clients so far, keepalives among them. */
  public long relayed() {
    return relayed.sum();
  }

  private void leave(UUID userId) {
    counts.computeIfPresent(userId, (_, count) -> count == 1 ? null : count - 1);
  }
}
