package ai.liberclaw.agent.approval;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where a question stands. All but the first are final. */
public enum ApprovalStatus {
  PENDING,
  /** This call may run. */
  ONCE,
  /**
   * So may further calls of the tool that would be asked about for the same reason in this turn.
   */
  TURN,
  /** So may, from now on, every call of the tool with exactly these arguments. */
  ALWAYS,
  /** The call may not run. */
  DENY,
  /** Nobody answered in time: the call may not run. */
  EXPIRED,
  /** The turn ended before an answer came. */
  CANCELLED;

  /** What a person may answer. */
  static final List<ApprovalStatus> DECISIONS = List.of(ONCE, TURN, ALWAYS, DENY);

  /** The word in the database and on the wire. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException when there is no such status
   */
  public static ApprovalStatus of(String wireName) {
    return valueOf(wireName.toUpperCase(Locale.ROOT));
  }

  public static Optional<ApprovalStatus> decision(String wireName) {
    return DECISIONS.stream().filter(status -> status.wireName().equals(wireName)).findFirst();
  }
}
