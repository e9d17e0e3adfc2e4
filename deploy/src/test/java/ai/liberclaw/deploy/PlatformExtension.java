package ai.liberclaw.deploy;

import ai.liberclaw.db.postgres.PlatformDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One real PostgreSQL for all tests of the module; each test finds its tables empty. */
public final class PlatformExtension implements ParameterResolver, BeforeEachCallback {
  /** The database and the directory its URL names. */
  public record Platform(PlatformDatabase database, Path directory) implements AutoCloseable {
    public String url() {
      return PlatformDatabase.EMBEDDED + directory;
    }

    @Override
    public void close() {
      database.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    platform(context).database().dsl().execute("truncate users, instances, deployments cascade");
    // Else the tests of one run use up what may be created in an hour.
    platform(context).database().dsl().execute("truncate rate_limit_buckets");
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Platform.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return platform(context);
  }

  private static Platform platform(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .computeIfAbsent(Platform.class, _ -> open(), Platform.class);
  }

  private static Platform open() {
    try {
      Path directory = Files.createTempDirectory("deploy-test-db");
      return new Platform(PlatformDatabase.open(PlatformDatabase.EMBEDDED + directory), directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
