package ai.liberclaw.db.generator;

import ai.liberclaw.db.Migrations;
import ai.liberclaw.db.postgres.EmbeddedServer;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.Target;
import org.jooq.meta.postgres.PostgresDatabase;
import org.jooq.meta.sqlite.SQLiteDatabase;

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
    Path scratch = Files.createTempDirectory("liberclaw-codegen");
    try {
      Path file = scratch.resolve("agent.db");
      AgentDatabase.open(file).close();
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
        write(connection, agentTables(), "ai.liberclaw.db.agent", agentSources);
      }
      try (EmbeddedServer server = EmbeddedServer.start(scratch.resolve("postgres"))) {
        String url = server.createDatabase("codegen");
        try (PlatformDatabase database =
                PlatformDatabase.open(
                    new PlatformDatabase.Settings(url, 1, Duration.ofSeconds(10)));
            Connection connection = database.dedicatedConnection()) {
          write(connection, platformTables(), "ai.liberclaw.db.platform", platformSources);
        }
      }
    } finally {
      delete(scratch);
    }
  }

  private static Database agentTables() {
    return new Database()
        .withName(SQLiteDatabase.class.getName())
        .withForcedTypes(
            new ForcedType()
                .withName("BOOLEAN")
                .withIncludeExpression(
                    ".*\\.(compacted|resumes|approvals|cut_off|is_error|archived)")
                .withIncludeTypes("(?i:INTEGER)"),
            new ForcedType()
                .withName("INTEGER")
                .withIncludeExpression(
                    "(tool_calls|approvals)\\.(step|position)|turns\\.(restarts|model_calls)"
                        + "|subagents\\.timeout_seconds|processes\\.exit_code")
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

  private static void write(
      Connection connection, Database database, String packageName, Path sources) throws Exception {
    GenerationTool tool = new GenerationTool();
    tool.setConnection(connection);
    tool.run(
        new Configuration()
            .withLogging(Logging.WARN)
            .withGenerator(
                new org.jooq.meta.jaxb.Generator()
                    .withDatabase(
                        database
                            .withIncludes(".*")
                            .withExcludes(
                                String.join(
                                    "|",
                                    Migrations.HISTORY_TABLE,
                                    "alembic_version",
                                    "sqlite_.*",
                                    // Full text search, asked in plain SQL.
                                    "message_search.*",
                                    "message_texts"))
                            .withIncludeRoutines(false))
                    .withGenerate(
                        new Generate()
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

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
