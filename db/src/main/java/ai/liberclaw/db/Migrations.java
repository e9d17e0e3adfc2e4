package ai.liberclaw.db;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.migration.JavaMigration;

/**
 * Brings a database to the newest schema. Each migration is applied once, in a transaction of its
 * own.
 */
public final class Migrations {
  /** Flyway's own table, in both databases. */
  public static final String HISTORY_TABLE = "flyway_schema_history";

  private static final String FOLDER = "classpath:ai/liberclaw/db/migration/";

  private Migrations() {}

  /**
   * Applies what is missing of a schema's migrations. A database that has tables but no history is
   * one of the originals, and is taken as being at {@code originals}.
   *
   * @param schema {@code platform} or {@code agent}
   * @throws DatabaseException when a migration fails; it leaves nothing behind, those before it
   *     stay
   */
  public static void apply(
      DataSource source, String schema, String originals, JavaMigration... inJava) {
    try {
      Flyway.configure()
          .dataSource(source)
          .locations(FOLDER + schema)
          .javaMigrations(inJava)
          .table(HISTORY_TABLE)
          .baselineOnMigrate(true)
          .baselineVersion(originals)
          .failOnMissingLocations(true)
          .cleanDisabled(true)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new DatabaseException(
          "The " + schema + " database could not be migrated: " + e.getMessage(), e);
    }
  }
}
