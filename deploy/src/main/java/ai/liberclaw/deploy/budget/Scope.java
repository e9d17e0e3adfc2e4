package ai.liberclaw.deploy.budget;

import java.util.Locale;

/** Whose budget it is. Stored in lower case. */
public enum Scope {
  AGENT,
  USER,
  /** All users of a tier together. */
  TIER,
  /** Everybody. */
  SITE;

  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Scope of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
