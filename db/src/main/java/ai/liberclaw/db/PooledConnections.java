package ai.liberclaw.db;

import io.helidon.dbclient.DbClientException;
import io.helidon.dbclient.jdbc.JdbcConnectionPool;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Lets Helidon's client borrow from the pool that jOOQ uses. */
record PooledConnections(DataSource source) implements JdbcConnectionPool {
  @Override
  public Connection connection() {
    try {
      return source.getConnection();
    } catch (SQLException e) {
      throw new DbClientException("No connection to the database", e);
    }
  }

  @Override
  public String name() {
    return "pool";
  }

  @Override
  public String type() {
    return "hikari";
  }
}
