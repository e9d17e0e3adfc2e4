package ai.liberclaw.agent.turn;

import java.util.Locale;

/** Where a turn stands. The last four are final. */
public enum TurnState {
  WAITING,
  RUNNING,
  PAUSED,
  DONE,
  FAILED,
  CANCELLED,
  INTERRUPTED;

  /** The word in the database. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException when there is no such state
   */
  public static TurnState of(String wireName) {
    return valueOf(wireName.toUpperCase(Locale.ROOT));
  }
}
