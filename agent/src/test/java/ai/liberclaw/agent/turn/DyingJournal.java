package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Reply;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A journal of a process that dies at a chosen entry: from then on nothing is stored any more, as
 * after a power cut. What it threw is seen by nobody but the dying engine.
 */
final class DyingJournal implements Journal {
  private final Journal real;
  private final int lastEntry;
  private final boolean lastIsStored;
  private int entries;
  private boolean dead;

  /**
   * @param lastEntry during which it dies, counted from 1
   * @param lastIsStored it dies just after that one is durable, not just before
   */
  DyingJournal(Journal real, int lastEntry, boolean lastIsStored) {
    this.real = real;
    this.lastEntry = lastEntry;
    this.lastIsStored = lastIsStored;
  }

  synchronized boolean isDead() {
    return dead;
  }

  /** Dies now. */
  synchronized void die() {
    dead = true;
  }

  private synchronized <T> T entry(Supplier<T> entry) {
    entries++;
    if (dead || (entries == lastEntry && !lastIsStored)) {
      dead = true;
      throw new IllegalStateException("dead");
    }
    T result = entry.get();
    if (entries == lastEntry) {
      dead = true;
      throw new IllegalStateException("dead");
    }
    return result;
  }

  private void entry(Runnable entry) {
    boolean ignored =
        entry(() -> {
          entry.run();
          return true;
        });
  }

  @Override
  public Turn queue(NewTurn turn) {
    return real.queue(turn);
  }

  @Override
  public Optional<Turn> find(String chatId, String clientMessageId) {
    return real.find(chatId, clientMessageId);
  }

  @Override
  public List<Unfinished> unfinished() {
    return real.unfinished();
  }

  @Override
  public List<Unfinished> unfinishedBefore(Turn turn) {
    return real.unfinishedBefore(turn);
  }

  @Override
  public void start(Turn turn, boolean fresh) {
    entry(() -> real.start(turn, fresh));
  }

  @Override
  public Progress restart(Turn turn) {
    return real.restart(turn);
  }

  @Override
  public void handOver(Turn turn) {
    entry(() -> real.handOver(turn));
  }

  @Override
  public void replied(Turn turn, int step, Reply reply, List<Spent> spent, List<Intent> starting) {
    entry(() -> real.replied(turn, step, reply, spent, starting));
  }

  @Override
  public void starting(Turn turn, List<Intent> intents) {
    entry(() -> real.starting(turn, intents));
  }

  @Override
  public void answered(Turn turn, Intent intent) {
    entry(() -> real.answered(turn, intent));
  }

  @Override
  public void ended(Turn turn, Outcome outcome, List<Intent> starting) {
    entry(() -> real.ended(turn, outcome, starting));
  }

  @Override
  public void end(Turn turn, Ending ending) {
    entry(() -> real.end(turn, ending));
  }

  @Override
  public Progress progress(Turn turn) {
    return real.progress(turn);
  }

  @Override
  public int delete(String chatId) {
    return real.delete(chatId);
  }
}
