package ai.liberclaw.agent.turn;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The turn a chat's thread works on, and the way to stop it from outside: a reason is left, then
 * the thread is interrupted. The first reason counts.
 */
final class RunningTurn {
  /** Why a turn is stopped. */
  enum Stop {
    CANCELLED,
    TIMEOUT,
    /** The agent stops; the turn goes on at its next start. */
    HANDED_OVER
  }

  private final Turn turn;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable Stop reason;

  /** Made by the thread that runs the turn. */
  RunningTurn(Turn turn) {
    this.turn = turn;
    this.thread = Thread.currentThread();
  }

  Turn turn() {
    return turn;
  }

  /** Returns false when the turn is over already. */
  boolean stop(Stop why) {
    lock.lock();
    try {
      if (over.getCount() == 0) {
        return false;
      }
      if (reason == null) {
        reason = why;
        thread.interrupt();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  Optional<Stop> reason() {
    lock.lock();
    try {
      return Optional.ofNullable(reason);
    } finally {
      lock.unlock();
    }
  }

  /**
   * @throws InterruptedException when the turn was stopped, also if something swallowed the
   *     interrupt
   */
  void check() throws InterruptedException {
    if (Thread.interrupted() || reason().isPresent()) {
      throw new InterruptedException();
    }
  }

  /** The turn is over; a stop that comes later does not reach the thread's next turn. */
  void over() {
    lock.lock();
    try {
      over.countDown();
      boolean ignored = Thread.interrupted();
    } finally {
      lock.unlock();
    }
  }
}
