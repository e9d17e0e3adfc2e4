package ai.liberclaw.core.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads variables by name, case-insensitively, and remembers each: one pass gives the values, all
 * problems together, and the {@code --help} table. A blank value counts as absent.
 */
public final class EnvReader {
  private static final int MEANING_COLUMN_MAX = 44;

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Map<String, Variable> variables = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  public EnvReader(Map<String, String> environment) {
    environment.forEach((name, value) -> values.put(name.toUpperCase(Locale.ROOT), value));
  }

  /** The value, or the default. */
  public String text(String name, String defaultValue, String meaning) {
    return find(name, defaultValue.isEmpty() ? "(empty)" : defaultValue, meaning)
        .orElse(defaultValue);
  }

  /** The value as it is, without a default. */
  public Optional<String> optional(String name, String meaning) {
    return find(name, "(none)", meaning);
  }

  /** The value; its absence is a problem. */
  public String required(String name, String meaning) {
    Optional<String> value = find(name, "required", meaning);
    if (value.isEmpty()) {
      problem(name, "is required");
    }
    return value.orElse("");
  }

  /** A whole number within bounds, both included. */
  public long integer(String name, long defaultValue, long min, long max, String meaning) {
    Optional<String> value = find(name, Long.toString(defaultValue), meaning);
    if (value.isEmpty()) {
      return defaultValue;
    }
    try {
      long number = Long.parseLong(value.get().strip());
      if (number >= min && number <= max) {
        return number;
      }
      problem(name, "must be between " + min + " and " + max);
    } catch (NumberFormatException _) {
      problem(name, "must be a whole number");
    }
    return defaultValue;
  }

  /** A decimal number within bounds, both included. */
  public double decimal(String name, double defaultValue, double min, double max, String meaning) {
    Optional<String> value = find(name, Double.toString(defaultValue), meaning);
    if (value.isEmpty()) {
      return defaultValue;
    }
    try {
      double number = Double.parseDouble(value.get().strip());
      if (number >= min && number <= max) {
        return number;
      }
      problem(name, "must be between " + min + " and " + max);
    } catch (NumberFormatException _) {
      problem(name, "must be a number");
    }
    return defaultValue;
  }

  /** Whole seconds from {@code min} up to a year. */
  public Duration seconds(String name, long defaultSeconds, long min, String meaning) {
    return Duration.ofSeconds(
        integer(name, defaultSeconds, min, 366L * 86_400, meaning + " (seconds)"));
  }

  /** true, 1, yes, on or false, 0, no, off. */
  public boolean flag(String name, boolean defaultValue, String meaning) {
    Optional<String> value = find(name, Boolean.toString(defaultValue), meaning);
    if (value.isEmpty()) {
      return defaultValue;
    }
    return switch (value.get().strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> true;
      case "false", "0", "no", "off" -> false;
      default -> {
        problem(name, "must be true or false");
        yield defaultValue;
      }
    };
  }

  /** One of a fixed set of lower-case words. */
  public String choice(String name, String defaultValue, List<String> choices, String meaning) {
    String value =
        find(name, defaultValue, meaning + ": " + String.join(", ", choices))
            .orElse(defaultValue)
            .strip()
            .toLowerCase(Locale.ROOT);
    if (choices.contains(value)) {
      return value;
    }
    problem(name, "must be one of " + String.join(", ", choices));
    return defaultValue;
  }

  /** A comma-separated list; blanks around and empty entries are dropped. */
  public List<String> list(String name, List<String> defaultValue, String meaning) {
    String shown = defaultValue.isEmpty() ? "(empty)" : String.join(",", defaultValue);
    return find(name, shown, meaning)
        .map(v ->
            List.of(v.split(",")).stream().map(String::strip).filter(s -> !s.isEmpty()).toList())
        .orElse(defaultValue);
  }

  /** Notes a problem of a variable; the text must not hold its value. */
  public void problem(String name, String text) {
    problems.add(name + " " + text);
  }

  /**
   * Ends the reading.
   *
   * @throws ConfigException naming all problems
   */
  public void throwIfProblems() {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  /** The table of all variables that the given reading asks for: name, default, meaning. */
  public static String help(String title, Consumer<EnvReader> reading) {
    EnvReader reader = new EnvReader(Map.of());
    try {
      reading.accept(reader);
    } catch (ConfigException _) {
      // Required variables are absent here; the table is what is wanted.
    }
    int nameWidth = "Variable".length();
    int defaultWidth = "Default".length();
    for (Map.Entry<String, Variable> variable : reader.variables.entrySet()) {
      nameWidth = Math.max(nameWidth, variable.getKey().length());
      defaultWidth = Math.max(defaultWidth, variable.getValue().defaultText().length());
    }
    defaultWidth = Math.min(MEANING_COLUMN_MAX, defaultWidth);
    String format = "  %-" + nameWidth + "s  %-" + defaultWidth + "s  %s%n";
    StringBuilder table = new StringBuilder(title).append(System.lineSeparator());
    table.append(System.lineSeparator()).append(format.formatted("Variable", "Default", "Meaning"));
    reader.variables.forEach(
        (name, v) -> table.append(format.formatted(name, v.defaultText(), v.meaning())));
    return table.toString();
  }

  private Optional<String> find(String name, String defaultText, String meaning) {
    variables.putIfAbsent(name, new Variable(defaultText, meaning));
    return Optional.ofNullable(values.get(name.toUpperCase(Locale.ROOT))).filter(v -> !v.isBlank());
  }

  private record Variable(String defaultText, String meaning) {}
}
