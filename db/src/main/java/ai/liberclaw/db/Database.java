package ai.liberclaw.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.helidon.dbclient.DbClient;
import io.helidon.dbclient.jdbc.JdbcClientBuilder;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/**
 * An open, migrated database: one pool, asked through jOOQ, with Helidon's client on the same pool
 * for health checks and administrative statements. The two clients' transactions do not join: one
 * unit of work uses one of them. Safe for any number of threads; its owner closes it last.
 */
public abstract class Database implements AutoCloseable {
  private final HikariDataSource pool;
  private final DSLContext dsl;
  private final DbClient client;

  protected Database(HikariConfig config, SQLDialect dialect) {
    // jOOQ asks for these once, when its classes load; they keep its advertisement out of our logs.
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    config.setPoolName(getClass().getSimpleName());
    try {
      pool = new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      throw new DatabaseException("The database could not be opened: " + reason(e), e);
    }
    dsl = DSL.using(pool, dialect);
    client = JdbcClientBuilder.create().connectionPool(new PooledConnections(pool)).build();
  }

  /**
   * Runs queries, each in a transaction of its own; a connection is borrowed for the duration of
   * one query.
   */
  public final DSLContext dsl() {
    return dsl;
  }

  /**
   * Runs {@code work} in one transaction, committed when it returns and undone when it throws; what
   * it throws comes out unchanged. The work uses the context it is given, never {@link #dsl()}.
   */
  public <T> T transaction(Function<DSLContext, T> work) {
    return dsl.transactionResult(configuration -> work.apply(configuration.dsl()));
  }

  /** For readiness checks and plain administrative statements. */
  public final DbClient client() {
    return client;
  }

  /**
   * The pool at this moment.
   *
   * @param used connections at work
   * @param idle open ones that nobody uses
   * @param waiting threads that wait for one
   * @param max connections at most
   */
  public record PoolState(int used, int idle, int waiting, int max) {}

  /** Looks at counters alone; costs no query. */
  public final PoolState poolState() {
    HikariPoolMXBean state = pool.getHikariPoolMXBean();
    return new PoolState(
        state.getActiveConnections(),
        state.getIdleConnections(),
        state.getThreadsAwaitingConnection(),
        pool.getMaximumPoolSize());
  }

  /**
   * The innermost reason of a failure, in the driver's words: they name the address and the cause,
   * no password.
   */
  protected static String reason(Throwable failure) {
    Throwable inner = failure;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    String message = inner.getMessage();
    return message == null ? inner.getClass().getSimpleName() : message;
  }

  @Override
  public void close() {
    pool.close();
  }
}
