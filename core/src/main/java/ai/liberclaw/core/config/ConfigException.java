package ai.liberclaw.core.config;

import java.util.List;

/** A configuration that cannot be used, with every problem found. Names variables, never values. */
public final class ConfigException extends RuntimeException {
  private final List<String> problems;

  public ConfigException(List<String> problems) {
    super("Configuration problems:\n  " + String.join("\n  ", problems), null, false, false);
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
