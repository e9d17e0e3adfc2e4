package ai.liberclaw.db.sqlite;

import ai.liberclaw.db.Database;
import ai.liberclaw.db.DatabaseException;
import ai.liberclaw.db.Migrations;
import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * An agent's own file. Every commit is on the disk when it returns. Transactions take turns, in the
 * order in which they came; reading outside of one never waits for a writer.
 */
public final class AgentDatabase extends Database {
  /** How long a statement or a transaction waits for others that write. */
  public static final Duration WRITE_WAIT_MAX = Duration.ofSeconds(30);

  // SQLite's own waiting; it matters only for writers that use no transaction of ours, or another
  // process.
  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);
  private static final int POOL_SIZE = 4;

  // SQLite has one writer at a time, and lets those that wait poll: a lock keeps their order, and
  // starves none.
  private final ReentrantLock writer = new ReentrantLock(true);

  private AgentDatabase(HikariConfig config) {
    super(config, SQLDialect.SQLITE);
  }

  /**
   * Opens the file, makes it when there is none, and migrates it; it may be one of the Python
   * original's.
   *
   * @throws DatabaseException when it is not a database, can't be written, or can't be migrated
   */
  public static AgentDatabase open(Path file) {
    Path absolute = file.toAbsolutePath();
    create(absolute);
    SQLiteDataSource source = new SQLiteDataSource(settings());
    source.setUrl("jdbc:sqlite:" + absolute);
    try (Connection connection = source.getConnection()) {
      connection.getMetaData().getDatabaseProductVersion();
    } catch (SQLException e) {
      throw new DatabaseException("The database " + absolute + " can't be opened: " + reason(e), e);
    }
    // Version 0: of the originals' tables V1 and V2 make only what is missing.
    Migrations.apply(source, "agent", "0", new V2__AddedColumns(), new V5__MemoryRecordChats());

    source.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE.name());
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(source);
    pool.setMaximumPoolSize(POOL_SIZE);
    pool.setConnectionTimeout(WRITE_WAIT_MAX.toMillis());
    return new AgentDatabase(pool);
  }

  /** SQLite would make the file readable to all; its companion files get the mode of this one. */
  private static void create(Path file) {
    try {
      Files.createDirectories(file.getParent());
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      if (Files.isRegularFile(file)) {
        // Opened as it is, empty or not.
        return;
      }
      throw new DatabaseException("The database " + file + " can't be made: " + reason(e), e);
    }
  }

  private static SQLiteConfig settings() {
    SQLiteConfig settings = new SQLiteConfig();
    settings.setJournalMode(SQLiteConfig.JournalMode.WAL);
    settings.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    settings.setBusyTimeout((int) BUSY_TIMEOUT.toMillis());
    settings.enforceForeignKeys(true);
    return settings;
  }

  /**
   * {@inheritDoc}
   *
   * @throws DatabaseException when other transactions keep it waiting for {@link #WRITE_WAIT_MAX}
   * @throws IllegalStateException inside another transaction of the same thread: it would wait for
   *     itself
   */
  @Override
  public <T> T transaction(Function<DSLContext, T> work) {
    if (writer.isHeldByCurrentThread()) {
      throw new IllegalStateException("a transaction within a transaction");
    }
    try {
      if (!writer.tryLock(WRITE_WAIT_MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new DatabaseException(
            "The database is busy: other transactions took over "
                + WRITE_WAIT_MAX.toSeconds()
                + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("Interrupted while waiting to write", e);
    }
    try {
      return super.transaction(work);
    } finally {
      writer.unlock();
    }
  }
}
