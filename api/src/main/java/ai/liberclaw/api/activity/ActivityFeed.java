package ai.liberclaw.api.activity;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.retry.Backoff;
import ai.liberclaw.db.postgres.Notifications;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jooq.DSLContext;

/**
 * The public feed on this server: one reader of the table for all who watch, which rests while
 * nobody does. Every server shows every event once, in the order of commits.
 */
public final class ActivityFeed implements AutoCloseable {
  /** Events a new reader begins with. */
  static final int BACKLOG = 20;

  /** Events kept for readers that come back. */
  static final int KEPT_MAX = 200;

  private static final Logger LOG = System.getLogger(ActivityFeed.class.getName());
  private static final String CHANNEL = "liberclaw_activity";
  private static final int BATCH = 500;
  private static final Backoff RETRY =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2);

  private final DSLContext sql;
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final Queue<Subscription> joining = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean news = new AtomicBoolean();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean draining;
  private volatile boolean closed;

  /** Of the reading thread alone. */
  private final Deque<PublicEvent> kept = new ArrayDeque<>();

  /**
   * @param notifications not started yet
   */
  public ActivityFeed(DSLContext sql, Notifications notifications) {
    this.sql = sql;
    notifications.on(CHANNEL, _ -> told());
    this.thread = Thread.ofVirtual().name("activity-feed").start(this::run);
  }

  /**
   * Begins to collect events for the calling thread, which is interrupted if it is too slow.
   *
   * @param after the last event it has seen
   * @throws Refusal 503 while the server stops
   */
  Subscription subscribe(Optional<Long> after) {
    Subscription subscription = new Subscription(after, this::leave);
    joining.add(subscription);
    if (draining) {
      joining.remove(subscription);
      throw new Refusal(503, "Server is restarting. Please retry.", Map.of("Retry-After", "5"));
    }
    wake.release();
    return subscription;
  }

  private void leave(Subscription subscription) {
    subscriptions.remove(subscription);
    joining.remove(subscription);
  }

  /** Takes no more readers, and sends those there are away to come back. */
  public void drain() {
    draining = true;
    joining.forEach(Subscription::end);
    subscriptions.forEach(Subscription::end);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void told() {
    news.set(true);
    wake.release();
  }

  private void run() {
    int failures = 0;
    try {
      while (!closed) {
        wake.acquire();
        wake.drainPermits();
        try {
          read();
          failures = 0;
        } catch (RuntimeException e) {
          if (closed) {
            return;
          }
          failures++;
          LOG.log(Level.WARNING, "activity.not_read failures=" + failures, e);
          TimeUnit.NANOSECONDS.sleep(RETRY.delay(failures).toNanos());
          told();
        }
      }
    } catch (InterruptedException _) {
      // Closing.
    }
  }

  private void read() {
    if (subscriptions.isEmpty()) {
      if (joining.isEmpty()) {
        // The next reader begins with what the table has then.
        return;
      }
      news.set(false);
      kept.clear();
      FeedStore.page(sql, new FeedStore.Page(KEPT_MAX, 0, Optional.empty())).reversed().stream()
          .map(PublicEvent::new)
          .forEach(kept::add);
    } else if (news.getAndSet(false) || isBehindSomeone()) {
      catchUp();
    }
    welcome();
  }

  /** Whether a reader comes from a server that has heard of more already. */
  private boolean isBehindSomeone() {
    long last = last();
    return joining.stream().anyMatch(subscription -> subscription.isAheadOf(last));
  }

  private long last() {
    return kept.isEmpty() ? 0 : kept.getLast().position();
  }

  private void catchUp() {
    List<FeedStore.Row> rows;
    do {
      rows = FeedStore.after(sql, last(), BATCH);
      for (FeedStore.Row row : rows) {
        PublicEvent event = new PublicEvent(row);
        kept.add(event);
        if (kept.size() > KEPT_MAX) {
          kept.removeFirst();
        }
        subscriptions.forEach(subscription -> subscription.offer(event));
      }
    } while (rows.size() == BATCH);
  }

  private void welcome() {
    if (joining.isEmpty()) {
      return;
    }
    List<PublicEvent> backlog = List.copyOf(kept);
    for (Subscription next = joining.poll(); next != null; next = joining.poll()) {
      next.begin(backlog);
      subscriptions.add(next);
      if (next.isClosed()) {
        subscriptions.remove(next);
      } else if (draining) {
        next.end();
      }
    }
  }
}
