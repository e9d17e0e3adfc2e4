package ai.liberclaw.api;

import ai.liberclaw.db.postgres.EmbeddedServer;
import ai.liberclaw.db.postgres.PlatformDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One real PostgreSQL for all tests of the module, with a database for each that asks. */
final class Postgres implements AutoCloseable {
  private static final String TEMPLATE = "migrated";

  private final Path directory;
  private final EmbeddedServer server;
  private final AtomicInteger databases = new AtomicInteger();

  private Postgres(Path directory) {
    this.directory = directory;
    this.server = EmbeddedServer.start(directory);
    // Nothing here outlives the server: commits need not wait for the disk.
    execute("alter role current_user set synchronous_commit = off");
    PlatformDatabase.open(server.createDatabase(TEMPLATE)).close();
  }

  /** The URL of a database that nobody has used. */
  String newDatabase() {
    return server.createDatabase("test_" + databases.incrementAndGet());
  }

  /** The same with all its tables, as a copy: to migrate takes most of a server's start. */
  String migratedDatabase() {
    String name = "copy_" + databases.incrementAndGet();
    execute("create database " + name + " template " + TEMPLATE);
    return server.createDatabase(name);
  }

  private void execute(String sql) {
    URI url = URI.create(server.createDatabase("postgres"));
    String[] login = url.getUserInfo().split(":", 2);
    String jdbc = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
    try (Connection connection = DriverManager.getConnection(jdbc, login[0], login[1]);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Gives it to tests, and stops it after the last of them. */
  static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Postgres.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .computeIfAbsent(Postgres.class, _ -> start(), Postgres.class);
    }

    private static Postgres start() {
      try {
        return new Postgres(Files.createTempDirectory("liberclaw-api-db"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
