package ai.liberclaw.db.sqlite;

import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Insert;
import org.jooq.impl.DSL;

/**
 * {@code insert … on conflict … returning} on SQLite. jOOQ replaces its own {@code returning} by a
 * second query for the last inserted row id, which after an update on conflict is another row's
 * (jOOQ issue 18073); this runs the engine's.
 */
public final class InsertReturning {
  private InsertReturning() {}

  /**
   * Runs a single-row insert that has a conflict clause and no {@code returning}, and gives the
   * stored row's value of {@code column}: empty when the clause was "do nothing" and did just that.
   */
  public static <T> Optional<T> fetch(DSLContext sql, Insert<?> insert, Field<T> column) {
    // returning takes unqualified names only.
    return sql.resultQuery("{0} returning {1}", insert, DSL.name(column.getName()))
        .coerce(column)
        .fetchOptional(column);
  }
}
