package ai.liberclaw.api;

import ai.liberclaw.db.postgres.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One real PostgreSQL for all tests of the module, with a database for each that asks. */
final class Postgres implements AutoCloseable {
  private final Path directory;
  private final EmbeddedServer server;
  private final AtomicInteger databases = new AtomicInteger();

  private Postgres(Path directory) {
    this.directory = directory;
    this.server = EmbeddedServer.start(directory);
  }

  /** The URL of a database that nobody has used. */
  String newDatabase() {
    return server.createDatabase("test_" + databases.incrementAndGet());
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
