package ai.liberclaw.deploy.alarm;

import java.time.Instant;

/**
 * Something that holds until it is cleared.
 *
 * @param name says what it is about, for instance {@code pool-aleph}
 * @param message for the operator, without secrets
 * @param raisedAt since when
 */
public record Alarm(String name, Level level, String message, Instant raisedAt) {
  /** How much it matters. Stored in lower case. */
  public enum Level {
    /** Somebody should look at it, some time. */
    WARNING,
    /** Somebody should do something now. */
    CRITICAL;

    public String key() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    static Level of(String key) {
      return valueOf(key.toUpperCase(java.util.Locale.ROOT));
    }
  }
}
