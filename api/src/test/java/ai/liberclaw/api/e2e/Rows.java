package ai.liberclaw.api.e2e;

import ai.liberclaw.db.postgres.PlatformDatabase;
import java.time.Duration;
import org.jooq.impl.DSL;

/** Counts rows of the platform's database from outside, on the server that the api runs. */
final class Rows implements AutoCloseable {
  private final PlatformDatabase database;

  private Rows(PlatformDatabase database) {
    this.database = database;
  }

  static Rows of(Platform platform) {
    return new Rows(
        PlatformDatabase.open(
            new PlatformDatabase.Settings(
                "embedded:" + platform.directory.resolve("postgres"), 1, Duration.ofSeconds(5))));
  }

  int count(String table) {
    return database.dsl().fetchCount(DSL.table(DSL.name(table)));
  }

  /** The one value a query gives. */
  String text(String query) {
    return String.valueOf(database.dsl().fetchValue(query));
  }

  @Override
  public void close() {
    database.close();
  }
}
