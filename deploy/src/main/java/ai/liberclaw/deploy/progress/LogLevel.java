package ai.liberclaw.deploy.progress;

import java.util.Locale;

/** How a line of a deployment's log is meant. */
public enum LogLevel {
  INFO,
  SUCCESS,
  WARNING,
  ERROR;

  /** As stored and sent. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static LogLevel of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
