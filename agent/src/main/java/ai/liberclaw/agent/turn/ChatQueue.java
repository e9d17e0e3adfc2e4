package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.turn.TurnThread.Task;
import ai.liberclaw.core.error.Refusal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one chat: at most one runs, the others wait in the order of their arrival. A virtual
 * thread exists while there is something to run.
 */
final class ChatQueue {
  private final Journal journal;
  private final EventLog log;
  private final TurnThread turns;
  private final BooleanSupplier stopping;
  private final Runnable threadStarts;
  private final Runnable threadEnds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Task> waiting = new ArrayDeque<>();
  private @Nullable RunningTurn current;
  private boolean threadLives;
  private int pauses;

  /** Threads inside this object; owned by {@link TurnEngine}, changed in its map alone. */
  int users;

  /**
   * @param stopping true once no further turn may start
   * @param threadStarts keeps this object in use for as long as its thread lives
   */
  ChatQueue(
      Journal journal,
      EventLog log,
      TurnThread turns,
      BooleanSupplier stopping,
      Runnable threadStarts,
      Runnable threadEnds) {
    this.journal = journal;
    this.log = log;
    this.turns = turns;
    this.stopping = stopping;
    this.threadStarts = threadStarts;
    this.threadEnds = threadEnds;
  }

  TurnEngine.Submitted submit(NewTurn message, TurnEngine.Concurrency concurrency) {
    lock.lock();
    try {
      Optional<Turn> known = repetition(message);
      if (known.isPresent()) {
        return new TurnEngine.Submitted(known.get(), true);
      }
      switch (concurrency) {
        case QUEUE -> {
          // The first of them may not run yet, but does not wait behind another.
          int waitingBehind = waiting.size() - (current == null ? 1 : 0);
          if (waitingBehind >= TurnEngine.WAITING_MAX) {
            throw new Refusal(429, "too many queued messages for this chat");
          }
        }
        case SUPERSEDE -> cancelEverything();
      }
      Turn turn = journal.queue(message);
      log.queued(turn);
      add(Task.fresh(turn));
      return new TurnEngine.Submitted(turn, false);
    } finally {
      lock.unlock();
    }
  }

  void add(Task task) {
    lock.lock();
    try {
      waiting.addLast(task);
      if (!threadLives && !stopping.getAsBoolean()) {
        threadLives = true;
        threadStarts.run();
        Thread.ofVirtual().name("chat-" + task.turn().chatId()).start(this::work);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean cancelRunning() {
    lock.lock();
    try {
      return current != null
          && log.isOpen(current.turn())
          && current.stop(RunningTurn.Stop.CANCELLED);
    } finally {
      lock.unlock();
    }
  }

  Optional<Turn> active() {
    lock.lock();
    try {
      // A turn whose end has been shown is over for everybody, though its thread may tidy up.
      return current != null && log.isOpen(current.turn())
          ? Optional.of(current.turn())
          : Optional.ofNullable(waiting.peekFirst()).map(Task::turn);
    } finally {
      lock.unlock();
    }
  }

  /** Cancels what runs and waits; false when nothing does. */
  boolean cancelAll() {
    lock.lock();
    try {
      boolean any = current != null || !waiting.isEmpty();
      cancelEverything();
      return any;
    } finally {
      lock.unlock();
    }
  }

  /** Cancels what runs and waits; false when the running turn has not let go in time. */
  boolean cancelAll(Duration max) throws InterruptedException {
    lock.lock();
    try {
      cancelEverything();
    } finally {
      lock.unlock();
    }
    return awaitIdle(max);
  }

  /** No turn starts until {@link #unpause}. */
  void pause() {
    change(1);
  }

  void unpause() {
    change(-1);
  }

  /** Lets the thread see that it is to stop. */
  void wake() {
    change(0);
  }

  void handOver() {
    lock.lock();
    try {
      if (current != null) {
        current.stop(RunningTurn.Stop.HANDED_OVER);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Hands over a turn that waits for somebody's answer, now or soon: it need not be waited for. */
  void handOverPaused() {
    lock.lock();
    try {
      if (current != null) {
        current.stopWhenPaused(RunningTurn.Stop.HANDED_OVER);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns false when a turn still runs after the time. */
  boolean awaitIdle(Duration max) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = max.toNanos();
      while (current != null) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Turn> repetition(NewTurn message) {
    if (message.clientMessageId().isPresent()) {
      return journal.find(message.chatId(), message.clientMessageId().get());
    }
    if (current != null && isSame(current.turn(), message)) {
      return Optional.of(current.turn());
    }
    return waiting.stream().map(Task::turn).filter(turn -> isSame(turn, message)).findFirst();
  }

  private boolean isSame(Turn turn, NewTurn message) {
    return turn.message().equals(message.message()) && log.isSilent(turn);
  }

  private void cancelEverything() {
    for (Iterator<Task> tasks = waiting.iterator(); tasks.hasNext(); ) {
      turns.cancelWaiting(tasks.next());
      tasks.remove();
    }
    if (current != null) {
      current.stop(RunningTurn.Stop.CANCELLED);
    }
  }

  private void work() {
    try {
      Optional<Task> task = next();
      while (task.isPresent()) {
        turns.run(task.get(), running());
        finished();
        task = next();
      }
    } finally {
      threadEnds.run();
    }
  }

  /** Takes the next turn; empty when this thread is to end. */
  private Optional<Task> next() {
    lock.lock();
    try {
      while (pauses > 0 && !stopping.getAsBoolean()) {
        changed.awaitUninterruptibly();
      }
      if (stopping.getAsBoolean() || waiting.isEmpty()) {
        threadLives = false;
        return Optional.empty();
      }
      Task task = waiting.removeFirst();
      current = new RunningTurn(task.turn());
      return Optional.of(task);
    } finally {
      lock.unlock();
    }
  }

  private RunningTurn running() {
    lock.lock();
    try {
      if (current == null) {
        throw new IllegalStateException("no turn runs");
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  private void finished() {
    lock.lock();
    try {
      if (current != null) {
        current.over();
      }
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void change(int pausesMore) {
    lock.lock();
    try {
      pauses += pausesMore;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
