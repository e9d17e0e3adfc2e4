package ai.liberclaw.agent.tool.grep;

import java.util.concurrent.locks.LockSupport;

/**
 * A text that a regular expression can be matched against for a while only: the characters it looks
 * at are counted, and now and then the clock and the thread's interrupt are asked.
 */
final class PatientText implements CharSequence {
  private static final int LOOKS_BETWEEN_CHECKS = 1 << 16;

  /** About a tenth of the time between checks. */
  private static final int PAUSE_NANOS = 50_000;

  private final CharSequence text;
  private final long deadline;
  private int looks;

  /** The time is over, or nobody waits any more. */
  static final class Impatient extends RuntimeException {
    private static final long serialVersionUID = 1;

    Impatient() {
      super(null, null, false, false);
    }
  }

  /**
   * @param deadline as {@link System#nanoTime}
   */
  PatientText(CharSequence text, long deadline) {
    this.text = text;
    this.deadline = deadline;
  }

  /**
   * Lets others work, and goes on only in time. Nothing else makes a virtual thread leave its core:
   * a few searches would stall every chat. They would also if they only yielded, to each other.
   */
  static void check(long deadline) {
    LockSupport.parkNanos(PAUSE_NANOS);
    if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
      throw new Impatient();
    }
  }

  @Override
  public char charAt(int index) {
    if (++looks == LOOKS_BETWEEN_CHECKS) {
      looks = 0;
      check(deadline);
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new PatientText(text.subSequence(start, end), deadline);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
