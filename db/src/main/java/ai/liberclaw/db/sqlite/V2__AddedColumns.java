package ai.liberclaw.db.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * Adds our columns and those of the successor to the seed's tables. A successor's file has some of
 * them already, and SQLite knows no {@code add column if not exists}, so each is looked for first.
 */
public final class V2__AddedColumns extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    add(connection, "messages", "metadata", "text");
    add(connection, "messages", "compacted", "integer not null default 0");
    add(connection, "messages", "position", "integer");
    add(connection, "messages", "turn_id", "text");
    add(connection, "pending_messages", "turn_id", "text");
  }

  private static void add(Connection connection, String table, String column, String type)
      throws SQLException {
    if (!has(connection, table, column)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("alter table " + table + " add column " + column + " " + type);
      }
    }
  }

  private static boolean has(Connection connection, String table, String column)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("select 1 from pragma_table_info(?) where lower(name) = ?")) {
      query.setString(1, table);
      query.setString(2, column);
      try (ResultSet found = query.executeQuery()) {
        return found.next();
      }
    }
  }
}
