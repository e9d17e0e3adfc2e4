package ai.liberclaw.db.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Adds columns that may be there: SQLite knows no {@code add column if not exists}. */
final class Columns {
  private Columns() {}

  static void add(Connection connection, String table, String column, String type)
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
