package ai.liberclaw.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code NAME=value} files. Blank lines and lines that begin with {@code #} are skipped, a leading
 * {@code export } and one pair of quotes around the value are dropped; nothing is expanded.
 */
public final class DotEnv {
  private DotEnv() {}

  /**
   * The environment with what the file adds; the environment wins. A missing file adds nothing.
   *
   * @throws ConfigException when the file is there but unreadable, or has a line without {@code =}
   */
  public static Map<String, String> merge(Map<String, String> environment, Path file) {
    Map<String, String> merged = new LinkedHashMap<>(read(file));
    environment.forEach((name, value) -> {
      merged.keySet().removeIf(name::equalsIgnoreCase);
      merged.put(name, value);
    });
    return merged;
  }

  /** The variables of the file in their order; empty when there is no file. */
  public static Map<String, String> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Map.of();
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException _) {
      throw new ConfigException(List.of("the file " + file.getFileName() + " cannot be read"));
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 1) {
        throw new ConfigException(
            List.of("the file " + file.getFileName() + " has no NAME=value in line " + (i + 1)));
      }
      String name = line.substring(0, equals).strip();
      variables.put(
          name.startsWith("export ") ? name.substring(7).strip() : name,
          unquote(line.substring(equals + 1).strip()));
    }
    return variables;
  }

  private static String unquote(String value) {
    boolean quoted =
        value.length() >= 2
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(value.length() - 1) == value.charAt(0);
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
