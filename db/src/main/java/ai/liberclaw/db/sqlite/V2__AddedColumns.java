package ai.liberclaw.db.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * Adds our columns and those of the successor to the seed's tables. A successor's file has some of
 * them already.
 */
public final class V2__AddedColumns extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    Columns.add(connection, "messages", "metadata", "text");
    Columns.add(connection, "messages", "compacted", "integer not null default 0");
    Columns.add(connection, "messages", "position", "integer");
    Columns.add(connection, "messages", "turn_id", "text");
    Columns.add(connection, "pending_messages", "turn_id", "text");
  }
}
