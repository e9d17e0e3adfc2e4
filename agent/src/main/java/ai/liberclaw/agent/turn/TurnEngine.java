package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.turn.Journal.Unfinished;
import ai.liberclaw.core.error.Refusal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Runs turns: of one chat one after the other, of different chats at the same time. A turn is
 * stored before {@link #submit} returns and belongs to nobody's connection; a restart of the agent
 * loses none.
 */
public final class TurnEngine implements AutoCloseable {
  /** Turns of one chat that may wait behind the one that runs. */
  public static final int WAITING_MAX = 8;

  /** How often a turn goes on after the agent failed under it. */
  public static final int RESTARTS_MAX = 2;

  /** How long a cancelled turn may take to let go. */
  private static final Duration STOP_MAX = Duration.ofSeconds(30);

  /** How long turns that are handed over to the next start may take to let go. */
  private static final Duration HAND_OVER_MAX = Duration.ofSeconds(1);

  private static final Logger LOG = System.getLogger(TurnEngine.class.getName());

  private final Journal journal;
  private final EventLog log;
  private final TurnSetups setups;
  private final Concurrency concurrency;
  private final TurnThread turns;
  private final ConcurrentMap<String, ChatQueue> chats = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  /** What a message does while another one of its chat runs. */
  public enum Concurrency {
    /** It waits. */
    QUEUE,
    /** It cancels what runs and waits. */
    SUPERSEDE
  }

  /**
   * A message that was taken.
   *
   * @param attached the turn was there before: the message is a repetition
   */
  public record Submitted(Turn turn, boolean attached) {}

  /**
   * @param gatekeeper decides on every call of every turn
   */
  public TurnEngine(
      Journal journal,
      EventLog log,
      Model model,
      TurnSetups setups,
      Gatekeeper gatekeeper,
      Concurrency concurrency) {
    this.journal = journal;
    this.log = log;
    this.setups = setups;
    this.concurrency = concurrency;
    this.turns = new TurnThread(journal, log, model, setups, gatekeeper);
  }

  /**
   * Goes on with what a former process left: turns that were running from their journal, turns that
   * were waiting, and paused ones, which stay paused. A turn under which the agent failed too often
   * is closed.
   */
  public void start() {
    List<Unfinished> unfinished = journal.unfinished();
    unfinished.forEach(left -> log.recovered(left.turn()));
    for (Unfinished left : unfinished) {
      boolean giveUp = left.state() == TurnState.RUNNING && left.restarts() >= RESTARTS_MAX;
      LOG.log(
          Level.INFO,
          "turn.recovered turn={0} state={1} restarts={2} given_up={3}",
          left.turn().id(),
          left.state().wireName(),
          String.valueOf(left.restarts()),
          giveUp);
      with(
          left.turn().chatId(),
          queue -> {
            queue.add(new TurnThread.Task(left.turn(), true, left.begun(), giveUp));
            return true;
          });
    }
  }

  /**
   * Takes a message. When it is a repetition of one that is known, the turn of that one is given
   * back: by the sender's own name for it, else by its text while that turn has shown nothing yet.
   *
   * @throws Refusal 429 when too many wait, 503 when the agent is stopping
   */
  public Submitted submit(NewTurn message) {
    if (stopping) {
      throw new Refusal(503, "shutting down");
    }
    return with(message.chatId(), queue -> queue.submit(message, concurrency));
  }

  /** Cancels the running turn of a chat; waiting ones then run. False when none runs. */
  public boolean stop(String chatId) {
    return with(chatId, ChatQueue::cancelRunning);
  }

  /** Cancels what runs and waits in a chat. False when nothing does. */
  public boolean cancel(String chatId) {
    return with(chatId, ChatQueue::cancelAll);
  }

  /** The turn of a chat that runs, else the one that runs next. */
  public Optional<Turn> active(String chatId) {
    return with(chatId, ChatQueue::active);
  }

  /** True for a chat that the agent keeps for itself. */
  public boolean isInternal(String chatId) {
    return setups.isInternal(chatId);
  }

  /**
   * Cancels what runs and waits in a chat, then deletes its rows and events.
   *
   * @return rows deleted
   * @throws Refusal 503 when the running turn does not let go
   */
  public int delete(String chatId) throws InterruptedException {
    ChatQueue queue = acquire(chatId);
    try {
      queue.pause();
      try {
        if (!queue.cancelAll(STOP_MAX)) {
          throw new Refusal(503, "the running turn could not be stopped");
        }
        return journal.delete(chatId);
      } finally {
        queue.unpause();
      }
    } finally {
      release(chatId);
    }
  }

  /**
   * Stops: new messages are refused, running turns may end for a while, the rest is handed over to
   * the next start; so are paused ones, at once.
   *
   * @param grace how long running turns may still take
   */
  public void close(Duration grace) {
    stopping = true;
    chats.values().forEach(ChatQueue::wake);
    chats.values().forEach(ChatQueue::handOverPaused);
    try {
      awaitAll(grace);
      chats.values().forEach(ChatQueue::handOver);
      awaitAll(HAND_OVER_MAX);
    } catch (InterruptedException _) {
      chats.values().forEach(ChatQueue::handOver);
      Thread.currentThread().interrupt();
    }
  }

  /** Stops at once. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  private void awaitAll(Duration max) throws InterruptedException {
    long end = System.nanoTime() + max.toNanos();
    for (ChatQueue queue : chats.values()) {
      queue.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
  }

  private <T> T with(String chatId, Use<T> use) {
    ChatQueue queue = acquire(chatId);
    try {
      return use.of(queue);
    } finally {
      release(chatId);
    }
  }

  private ChatQueue acquire(String chatId) {
    return chats.compute(
        chatId,
        (_, known) -> {
          ChatQueue queue = known == null ? create(chatId) : known;
          queue.users++;
          return queue;
        });
  }

  private ChatQueue create(String chatId) {
    return new ChatQueue(
        journal, log, turns, () -> stopping, () -> acquire(chatId), () -> release(chatId));
  }

  private void release(String chatId) {
    chats.computeIfPresent(chatId, (_, queue) -> --queue.users == 0 ? null : queue);
  }

  @FunctionalInterface
  private interface Use<T> {
    T of(ChatQueue queue);
  }
}
