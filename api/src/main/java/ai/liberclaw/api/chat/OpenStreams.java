package ai.liberclaw.api.chat;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.web.Exchange;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The streams that clients hold open on this server: counted per user, ended together. */
public final class OpenStreams {
  private static final Duration END_WAIT_MAX = Duration.ofSeconds(5);

  private final int perUserMax;
  private final Map<UUID, Integer> counts = new ConcurrentHashMap<>();
  private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
  private final LongAdder relayed = new LongAdder();
  private volatile boolean draining;

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
    if (draining) {
      throw ChatErrors.stopping();
    }
    int count = counts.merge(userId, 1, Integer::sum);
    if (count > perUserMax) {
      leave(userId);
      throw ChatErrors.tooManyStreams(perUserMax);
    }
    return () -> leave(userId);
  }

  /** Serves a relay's client, and ends it with the others when the server stops. */
  void serve(Relay relay, Exchange exchange) throws Exception {
    relays.add(relay);
    // It may outlive its client: until the agent's side is closed it must be found by a drain.
    relay.onEnd(() -> relays.remove(relay));
    if (draining) {
      relays.remove(relay);
      throw ChatErrors.stopping();
    }
    relay.serve(exchange, relayed);
  }

  /**
   * Takes no more streams, and tells the open ones to come back later. Returns once all know and
   * the agents' sides are closed, so that nothing of them is left to note.
   */
  public void drain() {
    draining = true;
    List<Thread> telling =
        relays.stream()
            .map(relay ->
                Thread.ofVirtual()
                    .name("drain")
                    .start(() -> {
                      relay.shutDown();
                      relay.awaitEnd(END_WAIT_MAX);
                    }))
            .toList();
    for (Thread thread : telling) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Events of agents that were passed on to clients so far, keepalives among them. */
  public long relayed() {
    return relayed.sum();
  }

  boolean isDraining() {
    return draining;
  }

  private void leave(UUID userId) {
    counts.computeIfPresent(userId, (_, count) -> count == 1 ? null : count - 1);
  }
}
