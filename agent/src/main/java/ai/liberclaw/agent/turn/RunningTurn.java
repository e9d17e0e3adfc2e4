package ai.liberclaw.agent.turn;

import java.time.Duration;
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
  private @Nullable TurnTimer timer;
  private @Nullable Stop whenPaused;
  private boolean paused;

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

  /** Stops the turn as soon as it only waits for somebody's answer. */
  void stopWhenPaused(Stop why) {
    lock.lock();
    try {
      whenPaused = why;
      stopPaused();
    } finally {
      lock.unlock();
    }
  }

  private void stopPaused() {
    if (paused && reason == null && whenPaused != null) {
      reason = whenPaused;
      thread.interrupt();
    }
  }

  /** Bounds the time of the turn's work; to be closed when the work is over. */
  TurnTimer limit(Duration time) {
    TurnTimer started =
        TurnTimer.start(
            time,
            () -> {
              boolean ignored = stop(Stop.TIMEOUT);
            });
    timer = started;
    return started;
  }

  /**
   * Waits for somebody's answer, which is no part of the turn's time.
   *
   * @throws InterruptedException when the turn was stopped, also if an answer came just before
   */
  <T> T paused(Waiting<T> waiting) throws InterruptedException {
    T answer;
    pause(true);
    try {
      check();
      answer = waiting.get();
    } finally {
      pause(false);
    }
    check();
    return answer;
  }

  private void pause(boolean now) {
    lock.lock();
    try {
      paused = now;
      stopPaused();
    } finally {
      lock.unlock();
    }
    TurnTimer limit = timer;
    if (limit != null) {
      if (now) {
        limit.pause();
      } else {
        limit.resume();
      }
    }
  }

  /** Something to wait for. */
  @FunctionalInterface
  interface Waiting<T> {
    T get() throws InterruptedException;
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
