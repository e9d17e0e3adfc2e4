package ai.liberclaw.core.sse;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;

/**
 * How long one reader has run without having to wait. Time alone does not tell it: after a moment
 * in which nothing ran, thousands have a few events to catch up with, and none of them is in
 * anybody's way for long. For one thread.
 */
public final class TimeSlice {
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** A read that takes longer has waited, and let others run meanwhile. */
  private static final long WAITED_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A reader that had to wait within so many reads is left alone. */
  private static final int READS_MIN = 32;

  final Condition myTurn;
  private final Turns turns;
  private boolean inTurn;
  private int reads;
  private long begun = System.nanoTime();

  TimeSlice(Turns turns) {
    this.turns = turns;
    myTurn = turns.lock().newCondition();
  }

  /** As {@link InputStream#read(byte[], int, int)}; when its time is over, others go first. */
  public int read(InputStream in, byte[] buffer, int offset, int length) throws IOException {
    long before = System.nanoTime();
    if (reads >= READS_MIN && before - begun > SLICE_NANOS) {
      turns.next(this);
      inTurn = true;
      // With its turn, but away from its carrier for once: others are queued there.
      LockSupport.parkNanos(1);
      before = System.nanoTime();
      begun = before;
      reads = 0;
    }
    int count = in.read(buffer, offset, length);
    long after = System.nanoTime();
    reads++;
    if (after - before > WAITED_NANOS) {
      begun = after;
      reads = 0;
      if (inTurn) {
        inTurn = false;
        turns.leave(this);
      }
    }
    return count;
  }
}
