package ai.liberclaw.api;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.DotEnv;
import ai.liberclaw.core.secret.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Secrets of development mode: made once, kept in {@code dev.env} of the data directory where only
 * their owner can read them, and never used outside development mode.
 */
final class DevSecrets {
  private static final String FILE = "dev.env";
  private static final Map<String, Supplier<String>> MADE =
      Map.of(
          "LIBERCLAW_JWT_SECRET", () -> Secrets.token(32),
          // A Fernet key is padded.
          "LIBERCLAW_ENCRYPTION_KEY", () -> Secrets.token(32) + "=",
          "LIBERCLAW_MAGIC_LINK_SECRET", () -> Secrets.token(32));

  private DevSecrets() {}

  /**
   * The environment with the secrets that it lacks; it wins over the file.
   *
   * @throws ConfigException when the file can be neither read nor written
   */
  static Map<String, String> complete(Map<String, String> environment, Path dataDir) {
    Path file = dataDir.resolve(FILE);
    Map<String, String> known = new LinkedHashMap<>(DotEnv.read(file));
    Map<String, String> added = new LinkedHashMap<>();
    MADE.forEach((name, make) -> {
      if (!known.containsKey(name)) {
        added.put(name, make.get());
      }
    });
    if (!added.isEmpty()) {
      append(file, added);
      known.putAll(added);
    }
    Map<String, String> complete = new LinkedHashMap<>(environment);
    known.forEach((name, value) -> {
      boolean set =
          environment.entrySet().stream()
              .anyMatch(e -> e.getKey().equalsIgnoreCase(name) && !e.getValue().isBlank());
      if (!set) {
        complete.keySet().removeIf(name::equalsIgnoreCase);
        complete.put(name, value);
      }
    });
    return complete;
  }

  private static void append(Path file, Map<String, String> added) {
    StringBuilder text = new StringBuilder();
    added.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(file, text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new ConfigException(
          List.of("LIBERCLAW_DATA_DIR cannot hold " + FILE + ": " + e.getClass().getSimpleName()));
    }
  }
}
