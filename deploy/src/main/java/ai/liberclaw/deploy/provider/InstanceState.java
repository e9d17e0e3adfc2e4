package ai.liberclaw.deploy.provider;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The life of an instance. Stored in lower case. */
public enum InstanceState {
  REQUESTED,
  PROVISIONING,
  ALLOCATED,
  DEPLOYING,
  RUNNING,
  UPDATING,
  /** Meant to run, but keeps failing, or cannot be reached as it should be. */
  DEGRADED,
  STOPPED,
  DESTROYING,
  DESTROYED,
  FAILED,
  /** Prepared for an agent that is yet to come. */
  WARM;

  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static InstanceState of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }

  /** The states in which the agent is meant to be up and is kept so. */
  public static Set<InstanceState> kept() {
    return EnumSet.of(RUNNING, DEGRADED);
  }

  /** The states of an instance that still holds something outside the database, or may. */
  public static Set<InstanceState> holding() {
    EnumSet<InstanceState> states = EnumSet.allOf(InstanceState.class);
    states.remove(DESTROYED);
    return states;
  }

  /** The {@code deployment_status} that clients see. */
  public String wire() {
    return switch (this) {
      case REQUESTED, WARM -> "pending";
      case PROVISIONING, ALLOCATED, DEPLOYING, UPDATING -> "deploying";
      case RUNNING, DEGRADED -> "running";
      case STOPPED, DESTROYING, DESTROYED -> "stopped";
      case FAILED -> "failed";
    };
  }

  static String[] keys(Set<InstanceState> states) {
    return Arrays.stream(states.toArray(InstanceState[]::new))
        .map(InstanceState::key)
        .toArray(String[]::new);
  }
}
