package ai.liberclaw.agent.turn;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Runs out once a turn has worked for a time. Pauses do not count. */
final class TurnTimer implements AutoCloseable {
  private final Runnable runOut;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long leftNanos;
  private boolean paused;
  private boolean closed;

  private TurnTimer(Duration time, Runnable runOut) {
    this.leftNanos = time.toNanos();
    this.runOut = runOut;
  }

  /**
   * @param runOut called once, unless the timer is closed first
   */
  static TurnTimer start(Duration time, Runnable runOut) {
    TurnTimer timer = new TurnTimer(time, runOut);
    Thread.ofVirtual().name("turn-timer").start(timer::run);
    return timer;
  }

  void pause() {
    change(() -> paused = true);
  }

  void resume() {
    change(() -> paused = false);
  }

  @Override
  public void close() {
    change(() -> closed = true);
  }

  private void run() {
    lock.lock();
    try {
      while (!closed && leftNanos > 0) {
        if (paused) {
          changed.awaitUninterruptibly();
        } else {
          leftNanos = changed.awaitNanos(leftNanos);
        }
      }
      if (closed) {
        return;
      }
    } catch (InterruptedException _) {
      // Nobody does that.
      return;
    } finally {
      lock.unlock();
    }
    runOut.run();
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
