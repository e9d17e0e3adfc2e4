package ai.liberclaw.deploy.job;

import java.util.Locale;

/** Where a deployment brings its agent. */
public enum DeploymentKind {
  /** From nothing to running. */
  CREATE,
  /** Running with its present settings, in the same place. */
  UPDATE,
  /** All it had is destroyed, then as create. */
  REBUILD,
  /** Nothing is left of it. */
  DESTROY;

  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static DeploymentKind of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
