package ai.liberclaw.db.sqlite;

import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/** Gives memory records their chat, a column that older files of the successor lack. */
public final class V5__MemoryRecordChats extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Columns.add(context.getConnection(), "memory_records", "chat_id", "text");
    try (Statement statement = context.getConnection().createStatement()) {
      statement.execute(
          "create index if not exists idx_memory_records_chat on memory_records (chat_id, id)");
    }
  }
}
