package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A real PostgreSQL in a folder, reached on loopback with a password that stands in a file there
 * and is asked of everyone. The process that starts it owns it and stops it; another one that names
 * the same folder uses it too. A server whose owner was killed lives on, and belongs to the next
 * that comes.
 */
public final class EmbeddedServer implements AutoCloseable {
  static final String USER = "liberclaw";

  private static final Logger LOG = System.getLogger(EmbeddedServer.class.getName());
  // Long enough for a start that replays much after a crash.
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration READY_POLL = Duration.ofMillis(50);

  private static final Set<String> REFUSED_LOGINS = Set.of("28000", "28P01");

  private final Path folder;
  private final ServerFiles files;
  private final Owner owner;
  private final Postmaster postmaster;
  private final boolean owns;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread atExit = new Thread(this::endWithProcess, "embedded-postgres-exit");

  private EmbeddedServer(
      Path folder, ServerFiles files, Owner owner, Postmaster postmaster, boolean owns) {
    this.folder = folder;
    this.files = files;
    this.owner = owner;
    this.postmaster = postmaster;
    this.owns = owns;
  }

  /**
   * Uses the folder's server, or starts one; a folder that is not there is made. Returns when it
   * answers.
   *
   * @throws DatabaseException when that can't be done; the message says why
   */
  public static EmbeddedServer start(Path folder) {
    long began = System.nanoTime();
    try {
      FileAttribute<?> ours =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
      Path real = Files.createDirectories(folder.toAbsolutePath(), ours).toRealPath();
      try (FolderLock lock = FolderLock.take(real, START_LIMIT)) {
        EmbeddedServer server = startLocked(real);
        Runtime.getRuntime().addShutdownHook(server.atExit);
        LOG.log(
            Level.DEBUG,
            "database.started folder={0} owner={1} ms={2}",
            real,
            server.owns,
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        return server;
      }
    } catch (IOException e) {
      throw new DatabaseException("The database's folder " + folder + " can't be used: " + e, e);
    }
  }

  private static EmbeddedServer startLocked(Path folder) throws IOException {
    ServerFiles files = new ServerFiles(folder);
    Owner owner = new Owner(folder);
    Optional<Postmaster> running = awaitReady(files);
    if (running.isPresent()) {
      boolean owns = owner.isGone();
      if (owns) {
        owner.become();
      }
      return new EmbeddedServer(folder, files, owner, running.get(), owns);
    }
    // Before the start: if we are killed in its middle, the server belongs to whoever comes next.
    owner.become();
    return new EmbeddedServer(folder, files, owner, files.start(START_LIMIT), true);
  }

  /** The server that runs already; empty as soon as it is seen to be gone. */
  private static Optional<Postmaster> awaitReady(ServerFiles files) {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      Optional<Postmaster> running = Postmaster.on(files.data());
      if (running.isEmpty() || (running.get().ready() && answers(files, running.get().port()))) {
        return running;
      }
      if (System.nanoTime() > deadline) {
        throw new DatabaseException(
            "The database server of "
                + files.data()
                + " (process "
                + running.get().process().pid()
                + ") runs but does not answer.");
      }
      try {
        TimeUnit.NANOSECONDS.sleep(READY_POLL.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DatabaseException("Interrupted while the database starts", e);
      }
    }
  }

  private static boolean answers(ServerFiles files, int port) {
    try (Connection _ = connect(files, port)) {
      return true;
    } catch (SQLException e) {
      if (REFUSED_LOGINS.contains(e.getSQLState())) {
        throw new DatabaseException(
            "The database server of "
                + files.data()
                + " does not take the password that stands beside it.",
            e);
      }
      return false;
    }
  }

  private static Connection connect(ServerFiles files, int port) throws SQLException {
    PostgresUrl url =
        PostgresUrl.parse(PostgresUrl.ofLoopback(USER, files.password(), port, "postgres"));
    Properties login = new Properties();
    login.setProperty("user", USER);
    login.setProperty("password", files.password());
    login.setProperty("connectTimeout", "10");
    return DriverManager.getConnection(url.jdbc(), login);
  }

  /**
   * Makes the database if there is none of this name.
   *
   * @param name letters, digits and {@code _}, at most 63
   * @return its URL with user and password, as {@link PlatformDatabase} takes it
   */
  public String createDatabase(String name) {
    if (!name.matches("[a-z0-9_]{1,63}")) {
      throw new IllegalArgumentException("not a database name: " + name);
    }
    try (Connection connection = connect(files, postmaster.port());
        Statement statement = connection.createStatement()) {
      try (ResultSet there =
          statement.executeQuery("select 1 from pg_database where datname = '" + name + "'")) {
        if (there.next()) {
          return url(name);
        }
      }
      statement.execute("create database " + name);
    } catch (SQLException e) {
      // Two servers that start together make it both.
      if (!"42P04".equals(e.getSQLState()) && !"23505".equals(e.getSQLState())) {
        throw new DatabaseException(
            "The database " + name + " can't be made: " + e.getMessage(), e);
      }
    }
    return url(name);
  }

  private String url(String database) {
    return PostgresUrl.ofLoopback(USER, files.password(), postmaster.port(), database);
  }

  /** The process of the server, for who wants to see it end. */
  public long pid() {
    return postmaster.process().pid();
  }

  /**
   * Stops the server, breaking what still runs in it, if it is ours or its owner is gone and nobody
   * else uses it. Otherwise does nothing. Waits until it has ended, 30 s at most.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try (FolderLock lock = FolderLock.take(folder, START_LIMIT)) {
      if (Processes.lives(postmaster.process()) && (owns || (owner.isGone() && isUnused()))) {
        files.stop(postmaster.process());
        owner.clear();
      }
    } catch (IOException e) {
      throw new DatabaseException(
          "The database server of " + folder + " can't be stopped: " + e, e);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending; the hook signals a process that is gone, which does nothing.
    }
  }

  private boolean isUnused() {
    try (Connection connection = connect(files, postmaster.port());
        Statement statement = connection.createStatement();
        ResultSet others =
            statement.executeQuery(
                "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")) {
      return !others.next();
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Nobody closed it, nobody has yet, or the process ends in the middle of that: the signal lets
   * open connections, our own too, work on while this process drains, and ends the server when the
   * last one is gone.
   */
  private void endWithProcess() {
    if (owns) {
      postmaster.process().destroy();
    }
  }
}
