package ai.liberclaw.deploy.job;

import ai.liberclaw.db.postgres.PlatformDatabase;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Hears of queued and cancelled jobs, on a connection of its own that it opens again when lost. */
final class QueueListener implements AutoCloseable {
  private static final Logger LOG = System.getLogger(QueueListener.class.getName());
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final Duration RECONNECT = Duration.ofSeconds(1);

  private final PlatformDatabase database;
  private final Runnable signalled;
  private final Thread thread;

  QueueListener(PlatformDatabase database, Runnable signalled) {
    this.database = database;
    this.signalled = signalled;
    this.thread = Thread.ofVirtual().name("deployment-listener").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    while (!thread.isInterrupted()) {
      try {
        listen();
      } catch (SQLException e) {
        if (thread.isInterrupted()) {
          return;
        }
        LOG.log(Level.WARNING, "deployments.listener_lost reason=" + e.getSQLState());
      }
      try {
        TimeUnit.MILLISECONDS.sleep(RECONNECT.toMillis());
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void listen() throws SQLException {
    try (Connection connection = database.dedicatedConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("listen " + DeploymentStore.CHANNEL);
      // What was said while nobody listened.
      signalled.run();
      PGConnection postgres = connection.unwrap(PGConnection.class);
      while (!thread.isInterrupted()) {
        PGNotification[] heard = postgres.getNotifications(Math.toIntExact(WAIT.toMillis()));
        if (heard != null && heard.length > 0) {
          signalled.run();
        }
      }
    }
  }
}
