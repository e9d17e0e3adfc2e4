package ai.liberclaw.db;

import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;
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
   * Where a database stands.
   *
   * @param pending versions it still lacks
   * @param failed versions that broke off; the database may be between two schemas
   * @param newer versions that this program does not know
   */
  public record State(List<String> pending, List<String> failed, List<String> newer) {}

  /** Looks, and changes nothing. */
  public static State state(DataSource source, String schema) {
    try {
      MigrationInfo[] all = configured(source, schema).load().info().all();
      return new State(
          versions(all, MigrationState.PENDING),
          versions(all, MigrationState.FAILED, MigrationState.FUTURE_FAILED),
          versions(all, MigrationState.FUTURE_SUCCESS));
    } catch (FlywayException e) {
      throw new DatabaseException(
          "The " + schema + " database could not be looked at: " + e.getMessage(), e);
    }
  }

  private static List<String> versions(MigrationInfo[] all, MigrationState... states) {
    return Arrays.stream(all)
        .filter(one -> List.of(states).contains(one.getState()))
        .map(one -> String.valueOf(one.getVersion()))
        .toList();
  }

  private static FluentConfiguration configured(DataSource source, String schema) {
    return Flyway.configure()
        .dataSource(source)
        .locations(FOLDER + schema)
        .table(HISTORY_TABLE)
        .failOnMissingLocations(true)
        .cleanDisabled(true);
  }

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
      configured(source, schema)
          .javaMigrations(inJava)
          .baselineOnMigrate(true)
          .baselineVersion(originals)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new DatabaseException(
          "The " + schema + " database could not be migrated: " + e.getMessage(), e);
    }
  }
}
