package ai.liberclaw.db.postgres;

import ai.liberclaw.core.retry.Backoff;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * What the database tells all servers, on one connection of its own however many channels there
 * are. Rows are the truth and a notification only wakes who reads them: after the connection was
 * lost and opened again everybody is woken, since something may have been said in between.
 */
public final class Notifications implements AutoCloseable {
  /** How the connection is named among those of the database. */
  public static final String APPLICATION_NAME = "liberclaw notifications";

  private static final Logger LOG = System.getLogger(Notifications.class.getName());
  private static final Pattern CHANNEL = Pattern.compile("[a-z_]{1,63}");

  /** Silence after which the connection is asked whether it still stands. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(10);

  /** How late at most somebody is woken by what is said right after something else. */
  private static final Duration PAUSE = Duration.ofMillis(10);

  private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(5);
  private static final Backoff RECONNECT =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10), 0.2);

  /** Woken on the connection's own thread: it returns at once and reads elsewhere. */
  @FunctionalInterface
  public interface Subscriber {
    /**
     * @param payload what was said; empty when listening began, at first or again
     */
    void woken(Optional<String> payload);
  }

  private final PlatformDatabase database;
  private final Map<String, List<Subscriber>> subscribers = new LinkedHashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  public Notifications(PlatformDatabase database) {
    this.database = database;
    this.thread = Thread.ofVirtual().name("notifications").unstarted(this::run);
  }

  /**
   * Wakes this subscriber by this channel.
   *
   * @throws IllegalStateException after the start
   */
  public Notifications on(String channel, Subscriber subscriber) {
    if (thread.getState() != Thread.State.NEW) {
      throw new IllegalStateException("listening has begun");
    }
    if (!CHANNEL.matcher(channel).matches()) {
      throw new IllegalArgumentException("not the name of a channel: " + channel);
    }
    subscribers.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>()).add(subscriber);
    return this;
  }

  /** Begins to listen. */
  public Notifications start() {
    thread.start();
    return this;
  }

  @Override
  public void close() {
    closed = true;
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    thread.interrupt();
    try {
      // Its connection would keep an embedded server from ending.
      thread.join(ANSWER_TIME_MAX);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int failures = 0;
    while (!closed) {
      try (Connection connection = database.dedicatedConnection()) {
        connection.setClientInfo("ApplicationName", APPLICATION_NAME);
        listen(connection);
        failures = 0;
        wakeAll();
        while (!closed) {
          hear(connection);
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      } catch (SQLException e) {
        if (closed) {
          return;
        }
        failures++;
        LOG.log(Level.WARNING, "notifications.lost reason=" + e.getSQLState());
      }
      try {
        TimeUnit.NANOSECONDS.sleep(RECONNECT.delay(Math.max(1, failures)).toNanos());
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String channel : subscribers.keySet()) {
        statement.execute("listen " + channel);
      }
    }
  }

  private void hear(Connection connection) throws SQLException {
    PGNotification[] heard =
        connection
            .unwrap(PGConnection.class)
            .getNotifications(Math.toIntExact(SILENCE_MAX.toMillis()));
    if (heard == null || heard.length == 0) {
      // A peer that vanished without a word is not noticed by waiting.
      if (!connection.isValid(Math.toIntExact(ANSWER_TIME_MAX.toSeconds()))) {
        throw new SQLException("no answer", "08006");
      }
      return;
    }
    // The same said twice wakes once; so where much is said, it is heard in pieces.
    Set<Said> all = new LinkedHashSet<>();
    for (PGNotification one : heard) {
      all.add(new Said(one.getName(), one.getParameter()));
    }
    for (Said said : all) {
      for (Subscriber subscriber : subscribers.getOrDefault(said.channel(), List.of())) {
        wake(subscriber, Optional.of(said.payload()));
      }
    }
  }

  private void wakeAll() {
    subscribers
        .values()
        .forEach(list -> list.forEach(subscriber -> wake(subscriber, Optional.empty())));
  }

  private static void wake(Subscriber subscriber, Optional<String> payload) {
    try {
      subscriber.woken(payload);
    } catch (RuntimeException e) {
      // One that fails must not keep the others asleep.
      LOG.log(Level.ERROR, "notifications.subscriber_failed", e);
    }
  }

  private record Said(String channel, String payload) {}
}
