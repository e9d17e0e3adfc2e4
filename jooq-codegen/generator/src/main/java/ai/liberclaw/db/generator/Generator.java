package ai.liberclaw.db.generator;

import ai.liberclaw.db.Migrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Target;
import org.jooq.meta.postgres.PostgresDatabase;
import org.jooq.meta.sqlite.SQLiteDatabase;
import org.sqlite.SQLiteDataSource;

/** Migrates a fresh database of each engine and writes the classes of its tables. */
public final class Generator {
  private Generator() {}

  /** Refreshes the committed tables; the argument is the folder jooq-codegen. */
  public static void main(String[] args) throws Exception {
    Path modules = Path.of(args[0]);
    generate(
        modules.resolve("agent-tables/src/main/java"),
        modules.resolve("platform-tables/src/main/java"));
  }

  static void generate(Path agentSources, Path platformSources) throws Exception {
    Path scratch = java.nio.file.Files.createTempDirectory("liberclaw-codegen");
    SQLiteDataSource file = new SQLiteDataSource();
    file.setUrl("jdbc:sqlite:" + scratch.resolve("agent.db"));
    Migrations.agent(file);
    write(file, agentTables(), "ai.liberclaw.db.agent", agentSources);
    try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
      Migrations.platform(server.getPostgresDatabase());
      write(
          server.getPostgresDatabase(),
          platformTables(),
          "ai.liberclaw.db.platform",
          platformSources);
    }
  }

  private static Database agentTables() {
    return new Database()
        .withName(SQLiteDatabase.class.getName())
        .withForcedTypes(
            new ForcedType()
                .withName("BOOLEAN")
                .withIncludeExpression(".*\\.(compacted|resumes|approvals|cut_off|is_error)")
                .withIncludeTypes("(?i:INTEGER)"),
            new ForcedType()
                .withName("INTEGER")
                .withIncludeExpression("(tool_calls|approvals)\\.(step|position)|turns\\.restarts")
                .withIncludeTypes("(?i:INTEGER)"),
            // SQLite's integer has 64 bits, jOOQ's 32.
            new ForcedType()
                .withName("BIGINT")
                .withIncludeExpression(".*")
                .withIncludeTypes("(?i:INTEGER)"));
  }

  private static Database platformTables() {
    return new Database()
        .withName(PostgresDatabase.class.getName())
        .withInputSchema("public")
        .withOutputSchemaToDefault(true)
        .withForcedTypes(
            new ForcedType()
                .withName("INSTANT")
                .withIncludeExpression(".*")
                .withIncludeTypes("(?i:timestamp\\ with\\ time\\ zone|timestamptz.*)"));
  }

  private static void write(DataSource source, Database database, String packageName, Path sources)
      throws Exception {
    try (Connection connection = source.getConnection()) {
      GenerationTool tool = new GenerationTool();
      tool.setConnection(connection);
      tool.run(
          new Configuration()
              .withGenerator(
                  new org.jooq.meta.jaxb.Generator()
                      .withDatabase(
                          database
                              .withIncludes(".*")
                              .withExcludes(
                                  String.join(
                                      "|",
                                      List.of(
                                          Migrations.HISTORY_TABLE,
                                          "alembic_version",
                                          "sqlite_.*")))
                              .withIncludeRoutines(false))
                      .withGenerate(
                          new Generate()
                              .withRecords(true)
                              .withImplicitJoinPathsToOne(false)
                              .withImplicitJoinPathsToMany(false)
                              .withImplicitJoinPathsManyToMany(false)
                              .withImplicitJoinPathTableSubtypes(false))
                      .withTarget(
                          new Target()
                              .withPackageName(packageName)
                              .withDirectory(sources.toString())
                              .withClean(true))));
    }
  }
}
