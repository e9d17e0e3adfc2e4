package ai.liberclaw.api.chat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jooq.exception.DataAccessException;

/**
 * Admits one turn at a time to each conversation with an agent that has no queue of its own, across
 * all servers. One thread renews this server's leases and learns there which turns others asked to
 * stop.
 */
final class TurnLeases implements AutoCloseable {
  private static final Duration LENGTH = Duration.ofSeconds(30);
  private static final Duration RENEWAL = Duration.ofSeconds(8);

  /** How late a stop that another server was asked for may come. */
  private static final Duration STOP_POLL = Duration.ofMillis(400);

  private static final Logger LOG = System.getLogger(TurnLeases.class.getName());

  private final TurnLeaseStore store;
  private final Clock clock;
  private final Map<String, Lease> held = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  TurnLeases(TurnLeaseStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    Thread.ofVirtual().name("turn-leases").start(this::watch);
  }

  /** The right to run a turn. */
  final class Lease {
    private final String owner = UUID.randomUUID().toString();
    private final String chatId;
    private final CountDownLatch stop = new CountDownLatch(1);

    private Lease(String chatId) {
      this.chatId = chatId;
    }

    /** Runs the action once when somebody asks for a stop, at the latest when released. */
    void onStop(Runnable action) {
      Thread.ofVirtual()
          .name("turn-stop")
          .start(() -> {
            try {
              stop.await();
            } catch (InterruptedException _) {
              return;
            }
            if (held.containsKey(owner)) {
              action.run();
            }
          });
    }

    void release() {
      held.remove(owner);
      stop.countDown();
      store.release(owner);
    }
  }

  /** Empty while another turn of this conversation runs. */
  Optional<Lease> take(String chatId, UUID agentId) {
    Lease lease = new Lease(chatId);
    Instant now = now();
    if (!store.take(chatId, agentId, lease.owner, now, now.plus(LENGTH))) {
      return Optional.empty();
    }
    held.put(lease.owner, lease);
    return Optional.of(lease);
  }

  boolean isRunning(String chatId) {
    return store.isRunning(chatId, now());
  }

  /** Asks the server that runs the conversation's turn to stop it; false when none runs. */
  boolean stop(String chatId) {
    boolean running = store.requestStop(chatId, now());
    held.values().stream()
        .filter(lease -> lease.chatId.equals(chatId))
        .forEach(lease -> lease.stop.countDown());
    return running;
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void watch() {
    Instant renewed = now();
    try {
      while (!closed.await(STOP_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        List<String> owners = List.copyOf(held.keySet());
        if (owners.isEmpty()) {
          continue;
        }
        try {
          if (!now().isBefore(renewed.plus(RENEWAL))) {
            renewed = now();
            store.renew(owners, renewed.plus(LENGTH));
          }
          store.stopRequested(owners).forEach(this::stopHeld);
        } catch (DataAccessException e) {
          LOG.log(Level.WARNING, "turn_lease.unrenewed count=" + owners.size(), e);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopHeld(String owner) {
    Lease lease = held.get(owner);
    if (lease != null) {
      lease.stop.countDown();
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
