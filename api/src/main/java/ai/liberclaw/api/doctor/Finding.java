package ai.liberclaw.api.doctor;

import java.util.Locale;
import java.util.Optional;

/**
 * What a check saw.
 *
 * @param text a sentence for the operator; names variables, never their values
 * @param advice what to do about it
 */
public record Finding(Level level, String text, Optional<String> advice) {
  /** How bad it is, from good to bad. */
  public enum Level {
    OK,
    /** Could not be looked at; the text says after what it can. */
    SKIP,
    /** Works, but not for long, or not for everyone. */
    WARN,
    FAIL;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Finding ok(String text) {
    return new Finding(Level.OK, text, Optional.empty());
  }

  static Finding skip(String text) {
    return new Finding(Level.SKIP, text, Optional.empty());
  }

  static Finding warn(String text, String advice) {
    return new Finding(Level.WARN, text, Optional.of(advice));
  }

  static Finding fail(String text, String advice) {
    return new Finding(Level.FAIL, text, Optional.of(advice));
  }
}
