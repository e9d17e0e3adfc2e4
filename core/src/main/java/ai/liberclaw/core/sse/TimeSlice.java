package ai.liberclaw.core.sse;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;

/** How long one reader has run without having to wait. For one thread. */
public final class TimeSlice {
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** A read that takes longer has waited, and let others run meanwhile. */
  private static final long WAITED_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  final Condition myTurn;
  private final Turns turns;
  private boolean inTurn;
  private long begun = System.nanoTime();

  TimeSlice(Turns turns) {
    this.turns = turns;
    myTurn = turns.lock().newCondition();
  }

  /** As {@link InputStream#read(byte[], int, int)}; when its time is over, others go first. */
  public int read(InputStream in, byte[] buffer, int offset, int length) throws IOException {
    long before = System.nanoTime();
    if (before - begun > SLICE_NANOS) {
      turns.next(this);
      inTurn = true;
      // With its turn, but away from its carrier for once: others are queued there.
      LockSupport.parkNanos(1);
      before = System.nanoTime();
      begun = before;
    }
    int count = in.read(buffer, offset, length);
    long after = System.nanoTime();
    if (after - before > WAITED_NANOS) {
      begun = after;
      if (inTurn) {
        inTurn = false;
        turns.leave(this);
      }
    }
    return count;
  }
}
