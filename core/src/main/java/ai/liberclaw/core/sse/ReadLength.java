package ai.liberclaw.core.sse;

/**
 * How many bytes to ask a stream for: HTTP clients allocate as many as they are asked for, however
 * few come. Grows while all that was asked for comes. For one thread.
 */
public final class ReadLength {
  private static final int MIN = 256;

  private final int max;
  private int length = MIN;

  /**
   * @param max bytes at a time
   */
  public ReadLength(int max) {
    this.max = max;
  }

  /** Bytes to ask for now, of which at most so many have room. */
  public int within(int room) {
    return Math.min(length, room);
  }

  /** Notes how many bytes came. */
  public void came(int count) {
    if (count >= length) {
      length = Math.min(2 * length, max);
    } else if (count < length / 4) {
      length = Math.max(length / 2, MIN);
    }
  }
}
