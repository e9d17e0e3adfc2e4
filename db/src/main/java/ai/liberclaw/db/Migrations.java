package ai.liberclaw.db;

import ai.liberclaw.db.sqlite.V2__AddedColumns;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Brings a database to the newest schema. Each migration is applied once, in a transaction of its
 * own.
 */
public final class Migrations {
  /** Flyway's own table, in both databases. */
  public static final String HISTORY_TABLE = "flyway_schema_history";

  private static final String FOLDER = "classpath:ai/liberclaw/db/migration/";

  private Migrations() {}

  /** Migrates an agent's SQLite file: an empty one, a seed's, a successor's or ours. */
  public static void agent(DataSource source) {
    // A file of the originals is taken as version 0: V1 and V2 add to it only what is missing.
    base(source, "agent")
        .baselineVersion("0")
        .javaMigrations(new V2__AddedColumns())
        .load()
        .migrate();
  }

  /** Migrates the platform's PostgreSQL database: an empty one, the original's or ours. */
  public static void platform(DataSource source) {
    // An original database is what V1 makes.
    base(source, "platform").baselineVersion("1").load().migrate();
  }

  private static FluentConfiguration base(DataSource source, String schema) {
    return Flyway.configure()
        .dataSource(source)
        .locations(FOLDER + schema)
        .table(HISTORY_TABLE)
        .baselineOnMigrate(true)
        .failOnMissingLocations(true)
        .cleanDisabled(true);
  }
}
