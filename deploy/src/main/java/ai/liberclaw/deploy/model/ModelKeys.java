package ai.liberclaw.deploy.model;

import ai.liberclaw.core.config.EnvReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The operator's keys: with or without the platform's prefix, in a variable or in a file. */
final class ModelKeys {
  private static final String PREFIX = "LIBERCLAW_";
  private static final List<String> NAMES =
      List.of("LIBERTAI_API_KEY", "ANTHROPIC_API_KEY", "BRAVE_API_KEY");
  private static final int FILE_BYTES_MAX = 64 * 1024;

  private ModelKeys() {}

  static Optional<String> read(EnvReader env, String name, String meaning) {
    Optional<String> set =
        env.optional(PREFIX + name, meaning)
            .or(() -> env.optional(name, "the same, without prefix"))
            .map(String::strip);
    String fileName = PREFIX + name + "_FILE";
    Optional<String> file = env.optional(fileName, "file that holds " + PREFIX + name);
    if (file.isEmpty()) {
      return set;
    }
    if (set.isPresent()) {
      env.problem(fileName, "and " + PREFIX + name + " cannot both be set");
      return set;
    }
    Optional<String> content =
        content(file.get()).map(String::strip).filter(text -> !text.isEmpty());
    if (content.isEmpty()) {
      env.problem(fileName, "names no file that can be read and holds a key");
    }
    return content;
  }

  /** A small text file; empty when it cannot be read. */
  static Optional<String> content(String path) {
    try {
      Path file = Path.of(path.strip());
      return Files.size(file) > FILE_BYTES_MAX
          ? Optional.empty()
          : Optional.of(Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException | InvalidPathException _) {
      return Optional.empty();
    }
  }

  static List<String> names() {
    return NAMES.stream().flatMap(name -> Stream.of(PREFIX + name, name)).toList();
  }
}
