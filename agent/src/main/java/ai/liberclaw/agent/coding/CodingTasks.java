package ai.liberclaw.agent.coding;

import static ai.liberclaw.agent.policy.PolicyMode.AUTO_READ;

import ai.liberclaw.agent.coding.CodingTask.Mode;
import ai.liberclaw.agent.coding.CodingTask.State;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnOutlet;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.error.Refusal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Takes tasks on code: a checkpoint first, then a turn of a chat of the task's own. A task is
 * stored before anything happens and belongs to nobody's connection; a restart goes on with it,
 * wherever it was.
 */
public final class CodingTasks implements TurnOutlet {
  /** Tasks that are worked on at the same time. */
  static final int RUNNING_MAX = 4;

  private static final Logger LOG = System.getLogger(CodingTasks.class.getName());

  private final CodingStore store;
  private final CodingTurns turns;
  private final Checkpointer checkpoints;
  private final TurnOutlet people;
  private final UnaryOperator<String> mask;

  /** Guards that a task is taken once and that not too many are. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Tasks whose turn is not stored yet. */
  private final Map<String, CompletableFuture<Prepared>> preparing = new ConcurrentHashMap<>();

  /**
   * How a task was begun.
   *
   * @param turn absent when it was not: the checkpoint failed, or it was cancelled before
   */
  record Prepared(CheckpointOutcome checkpoint, Optional<Turn> turn) {}

  /**
   * @param people where the end of a further message to a task's chat goes
   * @param mask hides secrets in what is stored
   */
  public CodingTasks(
      CodingStore store,
      CodingTurns turns,
      Checkpointer checkpoints,
      TurnOutlet people,
      UnaryOperator<String> mask) {
    this.store = store;
    this.turns = turns;
    this.checkpoints = checkpoints;
    this.people = people;
    this.mask = mask;
  }

  /** Goes on with what a former process left; after the turn engine has. */
  public void start() {
    for (CodingTask task : store.running()) {
      if (task.turnId().isEmpty()) {
        CompletableFuture<Prepared> outcome = new CompletableFuture<>();
        preparing.put(task.id(), outcome);
        startPreparing(task, outcome);
      } else {
        store
            .turn(task)
            .flatMap(CodingTasks::stateOf)
            .ifPresent(state -> store.end(task.id(), state));
      }
    }
  }

  /** Whether turns of this chat may change nothing. */
  public boolean isReadOnly(String chatId) {
    return store
        .find(CodingTask.idOf(chatId))
        .filter(task -> task.mode() == Mode.INSPECT)
        .isPresent();
  }

  /**
   * Takes a task. The same id with the same words again is the same task.
   *
   * @throws Refusal 409 for an id that is taken, 429 when too many are worked on
   */
  CodingTask begin(String id, Mode mode, String message) {
    CodingTask task =
        new CodingTask(
            id,
            mode,
            mask.apply(message),
            State.RUNNING,
            Optional.empty(),
            Instant.now(),
            Optional.empty());
    lock.lock();
    try {
      Optional<CodingTask> known = store.find(id);
      if (known.isPresent()) {
        if (known.get().mode() == mode && known.get().message().equals(task.message())) {
          return known.get();
        }
        throw new Refusal(409, "a coding task with this id exists");
      }
      if (store.running().size() >= RUNNING_MAX) {
        throw new Refusal(
            429, RUNNING_MAX + " coding tasks are running, the most there may be; wait for one");
      }
      // Known as being prepared before anybody can find it.
      CompletableFuture<Prepared> outcome = new CompletableFuture<>();
      preparing.put(id, outcome);
      try {
        store.add(task);
      } catch (RuntimeException e) {
        preparing.remove(id);
        throw e;
      }
      startPreparing(task, outcome);
    } finally {
      lock.unlock();
    }
    LOG.log(Level.INFO, "coding.began task={0} mode={1}", id, mode.wireName());
    return task;
  }

  Optional<CodingTask> find(String id) {
    return store.find(id);
  }

  boolean isActive(CodingTask task) {
    return preparing.containsKey(task.id()) || turns.isActive(task.chatId());
  }

  /** How the task was begun, once it is. */
  CompletableFuture<Prepared> prepared(CodingTask task) {
    CompletableFuture<Prepared> pending = preparing.get(task.id());
    if (pending != null) {
      return pending;
    }
    CodingTask now = store.find(task.id()).orElse(task);
    CheckpointOutcome checkpoint =
        store.checkpoint(now).orElse(new CheckpointOutcome(false, "No checkpoint was made."));
    return CompletableFuture.completedFuture(
        new Prepared(checkpoint, now.turnId().flatMap(turns::find)));
  }

  /** False when the task is not worked on any more. */
  boolean cancel(CodingTask task) {
    CompletableFuture<Prepared> pending = preparing.get(task.id());
    if (pending != null && pending.cancel(false)) {
      store.end(task.id(), State.CANCELLED);
      return true;
    }
    return turns.cancel(task.chatId());
  }

  private void startPreparing(CodingTask task, CompletableFuture<Prepared> outcome) {
    Thread.ofVirtual()
        .name("coding-" + task.id())
        .start(() -> {
          try {
            prepare(task, outcome);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          } catch (RuntimeException e) {
            // Also when the agent is stopping: its next start goes on with the task.
            LOG.log(Level.WARNING, "coding.not_begun task={0} reason={1}", task.id(), e.toString());
            outcome.completeExceptionally(e);
          } finally {
            preparing.remove(task.id());
          }
        });
  }

  private void prepare(CodingTask task, CompletableFuture<Prepared> outcome)
      throws InterruptedException {
    Optional<CheckpointOutcome> made = store.checkpoint(task).filter(CheckpointOutcome::ok);
    CheckpointOutcome checkpoint = made.isPresent() ? made.get() : checkpoint(task);
    if (made.isEmpty()) {
      store.checkpointed(task, checkpoint);
    }
    if (!checkpoint.ok()) {
      store.end(task.id(), State.FAILED);
      outcome.complete(new Prepared(checkpoint, Optional.empty()));
      return;
    }
    if (outcome.isCancelled()) {
      return;
    }
    // Its own name makes it one turn, however often this is come to.
    NewTurn asked =
        new NewTurn(task.chatId(), task.message(), NewTurn.MODE_CODING, Optional.of("task"), true);
    Turn turn =
        turns.submit(task.mode() == Mode.INSPECT ? asked.under(AUTO_READ.wireName()) : asked);
    store.submitted(task.id(), turn.id());
    if (!outcome.complete(new Prepared(checkpoint, Optional.of(turn)))) {
      // Cancelled since the look above.
      boolean ignored = turns.cancel(task.chatId());
    }
  }

  private CheckpointOutcome checkpoint(CodingTask task) throws InterruptedException {
    try {
      return new CheckpointOutcome(true, checkpoints.create("before coding task " + task.id()));
    } catch (IOException e) {
      String reason = e.getMessage();
      return new CheckpointOutcome(false, reason == null ? "No checkpoint was made." : reason);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "coding.checkpoint_failed task=" + task.id(), e);
      return new CheckpointOutcome(false, "No checkpoint could be made.");
    }
  }

  @Override
  public List<Notice> notices(Turn turn, TurnEnd end) {
    return people.notices(turn, end);
  }

  @Override
  public void ended(Turn turn, TurnEnd end) {
    String id = CodingTask.idOf(turn.chatId());
    // Later messages to the same chat do not change what became of the task.
    stateOf(end.state()).ifPresent(state -> store.end(id, state));
    people.ended(turn, end);
  }

  private static Optional<State> stateOf(TurnState state) {
    return switch (state) {
      case DONE -> Optional.of(State.DONE);
      case CANCELLED -> Optional.of(State.CANCELLED);
      case FAILED, INTERRUPTED -> Optional.of(State.FAILED);
      case WAITING, RUNNING, PAUSED -> Optional.empty();
    };
  }
}
