package ai.liberclaw.agent.tool.process;

import java.util.Locale;

/** What has become of a process. */
public enum ProcessState {
  RUNNING,
  /** It ended by itself. */
  EXITED,
  /** Somebody ended it. */
  KILLED,
  /** The agent was restarted, and it was ended. */
  LOST;

  /** As it is stored and shown. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException when there is no such state
   */
  public static ProcessState of(String wireName) {
    return valueOf(wireName.toUpperCase(Locale.ROOT));
  }
}
