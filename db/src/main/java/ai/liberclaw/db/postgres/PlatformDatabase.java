package ai.liberclaw.db.postgres;

import ai.liberclaw.db.Database;
import ai.liberclaw.db.DatabaseException;
import ai.liberclaw.db.Migrations;
import com.zaxxer.hikari.HikariConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The platform's database, shared by any number of servers. Closing it also stops the embedded
 * server it started.
 */
public final class PlatformDatabase extends Database {
  /** Begins a URL whose rest is a directory: a server of our own, with its data in there. */
  public static final String EMBEDDED = "embedded:";

  /** A quiet server holds no more; each connection is a process of PostgreSQL. */
  private static final int IDLE_CONNECTIONS_MIN = 2;

  /** The revision of the original's schema that V1 writes down. */
  private static final String ORIGINAL_REVISION = "004";

  // Any constant: it keeps two servers that start together from both adopting one database.
  private static final long MIGRATION_LOCK = 0x6c69626572L;
  private static final int CONNECT_TIMEOUT_SECONDS = 10;

  /**
   * How to reach the database and how much of it to use.
   *
   * @param url {@code postgresql://user:password@host:port/name}, also as {@code
   *     postgresql+asyncpg://} or {@code jdbc:postgresql://}, or {@code embedded:<directory>}
   * @param poolSize connections at most
   * @param patience how long a query waits for a connection before it fails
   */
  public record Settings(String url, int poolSize, Duration patience) {
    public Settings(String url) {
      this(url, 20, Duration.ofSeconds(30));
    }

    @Override
    public String toString() {
      return "Settings[poolSize=" + poolSize + ", patience=" + patience + "]";
    }
  }

  private final Optional<EmbeddedServer> server;
  private final PGSimpleDataSource source;

  private PlatformDatabase(
      HikariConfig config, PGSimpleDataSource source, Optional<EmbeddedServer> server) {
    super(config, SQLDialect.POSTGRES);
    this.source = source;
    this.server = server;
  }

  /** Opens with the usual pool: 20 connections, 30 s. */
  public static PlatformDatabase open(String url) {
    return open(new Settings(url));
  }

  /**
   * Starts or finds the server if it is an embedded one, migrates the database, and opens its pool.
   *
   * @throws DatabaseException when it can't be reached, is not ours, or can't be migrated
   */
  public static PlatformDatabase open(Settings settings) {
    if (!settings.url().startsWith(EMBEDDED)) {
      return open(settings, PostgresUrl.parse(settings.url()), Optional.empty());
    }
    String directory = settings.url().substring(EMBEDDED.length());
    if (directory.isBlank()) {
      throw new DatabaseException("The database URL names no directory after " + EMBEDDED);
    }
    EmbeddedServer server = EmbeddedServer.start(Path.of(directory));
    try {
      return open(
          settings, PostgresUrl.parse(server.createDatabase("liberclaw")), Optional.of(server));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static PlatformDatabase open(
      Settings settings, PostgresUrl url, Optional<EmbeddedServer> server) {
    PGSimpleDataSource source = source(url);
    migrate(source, url);
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(source);
    // All are opened at the start and kept: an embedded server that is told to end serves its open
    // connections to the
    // last, but takes no new ones.
    pool.setMaximumPoolSize(settings.poolSize());
    pool.setMinimumIdle(Math.min(IDLE_CONNECTIONS_MIN, settings.poolSize()));
    pool.setConnectionTimeout(settings.patience().toMillis());
    pool.setConnectionInitSql(
        "set timezone = 'UTC'; set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s'");
    return new PlatformDatabase(pool, source, server);
  }

  /**
   * What a look at a database shows.
   *
   * @param version of the server
   * @param encoding of the database
   * @param connectionsMax of the server, for everyone together
   * @param clock the server's, at the moment of the look
   * @param migrations where its schema stands
   */
  public record Look(
      String version,
      String encoding,
      int connectionsMax,
      Instant clock,
      Migrations.State migrations) {}

  /**
   * Looks at the database without changing it; an embedded server is started where none runs.
   *
   * @return empty when there is no directory of an embedded server yet
   * @throws DatabaseException when it can't be reached or is not ours
   */
  public static Optional<Look> look(String url) {
    if (!url.startsWith(EMBEDDED)) {
      return Optional.of(look(PostgresUrl.parse(url)));
    }
    Path directory = Path.of(url.substring(EMBEDDED.length()));
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try (EmbeddedServer server = EmbeddedServer.start(directory)) {
      return Optional.of(look(PostgresUrl.parse(server.createDatabase("liberclaw"))));
    }
  }

  private static Look look(PostgresUrl url) {
    PGSimpleDataSource source = source(url);
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      refuseUnknown(statement, url);
      return new Look(
          String.valueOf(text(statement, "show server_version")),
          String.valueOf(text(statement, "show server_encoding")),
          Integer.parseInt(String.valueOf(text(statement, "show max_connections"))),
          Instant.ofEpochMilli(
              Long.parseLong(
                  String.valueOf(
                      text(
                          statement,
                          "select (extract(epoch from clock_timestamp()) * 1000)::bigint")))),
          Migrations.state(source, "platform"));
    } catch (SQLException e) {
      throw new DatabaseException(
          "The database " + url.shown() + " can't be opened: " + reason(e), e);
    }
  }

  private static PGSimpleDataSource source(PostgresUrl url) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url.jdbc());
    url.user().ifPresent(source::setUser);
    url.password().ifPresent(source::setPassword);
    source.setApplicationName("liberclaw");
    source.setConnectTimeout(CONNECT_TIMEOUT_SECONDS);
    source.setTcpKeepAlive(true);
    // Details of an error quote the row, and rows hold people's addresses, which stay out of logs.
    source.setLogServerErrorDetail(false);
    return source;
  }

  private static void migrate(PGSimpleDataSource source, PostgresUrl url) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set lock_timeout = '120s'");
      statement.execute("select pg_advisory_lock(" + MIGRATION_LOCK + ")");
      refuseUnknown(statement, url);
      Migrations.apply(source, "platform", "1");
    } catch (SQLException e) {
      throw new DatabaseException(
          "The database " + url.shown() + " can't be opened: " + reason(e), e);
    }
  }

  /**
   * An empty database, an original one of the revision we know, or ours; nothing else is touched.
   */
  private static void refuseUnknown(Statement statement, PostgresUrl url) throws SQLException {
    // The history table alone is what a first start leaves that was killed in its middle.
    String tables =
        "select count(*) from pg_tables where schemaname = current_schema() and tablename <> '"
            + Migrations.HISTORY_TABLE
            + "'";
    if ("0".equals(text(statement, tables))) {
      return;
    }
    if (text(statement, "select to_regclass('alembic_version')") == null) {
      throw new DatabaseException(
          "The database "
              + url.shown()
              + " holds tables of another program. Name an empty one, or one of LiberClaw.");
    }
    String revision = text(statement, "select string_agg(version_num, ', ') from alembic_version");
    if (!ORIGINAL_REVISION.equals(revision)) {
      throw new DatabaseException(
          "The database "
              + url.shown()
              + " is at the original's revision "
              + revision
              + "; only "
              + ORIGINAL_REVISION
              + " can be adopted. Bring it to that revision with the original's own migrations first.");
    }
  }

  private static @Nullable String text(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  /**
   * A connection outside the pool, for {@code LISTEN}: it may be held as long as the server runs.
   * The caller closes it, and opens another when it breaks.
   */
  public Connection dedicatedConnection() throws SQLException {
    return source.getConnection();
  }

  /** Closes the pool, and stops the embedded server if it is ours. */
  @Override
  public void close() {
    super.close();
    server.ifPresent(EmbeddedServer::close);
  }
}
