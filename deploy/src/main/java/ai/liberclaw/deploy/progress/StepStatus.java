package ai.liberclaw.deploy.progress;

import java.util.Locale;

/** Where one step stands. */
public enum StepStatus {
  PENDING,
  ACTIVE,
  DONE,
  FAILED;

  /** As stored and sent. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static StepStatus of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
