package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.turn.Journal.Ending;
import ai.liberclaw.agent.turn.Journal.Progress;
import ai.liberclaw.agent.turn.Journal.Unfinished;
import ai.liberclaw.core.error.ErrorId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/** Takes one turn from its start, or from where a former process left it, to its end. */
final class TurnThread {
  private static final Logger LOG = System.getLogger(TurnThread.class.getName());

  private final Journal journal;
  private final EventLog log;
  private final Model model;
  private final TurnSetups setups;
  private final Gatekeeper gatekeeper;

  /**
   * A turn to run.
   *
   * @param recovered a former process left it
   * @param resumes it had begun there
   * @param giveUp it is only closed
   */
  record Task(Turn turn, boolean recovered, boolean resumes, boolean giveUp) {
    static Task fresh(Turn turn) {
      return new Task(turn, false, false, false);
    }
  }

  TurnThread(Journal journal, EventLog log, Model model, TurnSetups setups, Gatekeeper gatekeeper) {
    this.journal = journal;
    this.log = log;
    this.model = model;
    this.setups = setups;
    this.gatekeeper = gatekeeper;
  }

  /** Returns when the turn has ended or was handed over; never throws for what the turn did. */
  void run(Task task, RunningTurn running) {
    Turn turn = task.turn();
    try {
      if (task.recovered() && !task.giveUp()) {
        awaitTools();
      }
      Optional<TurnSetup> setup = setup(turn);
      if (setup.isEmpty()) {
        return;
      }
      Optional<TurnEnd> end = run(task, running, setup.get());
      end.ifPresent(ended -> setup.get().outlet().ended(turn, ended));
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "turn.abandoned turn=" + turn.id(), e);
      log.abandoned(turn);
    }
  }

  /** A turn that is stopped meanwhile finds that out by itself. */
  private void awaitTools() {
    try {
      setups.awaitRecovered();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes a turn that has not begun. */
  void cancelWaiting(Task task) {
    Turn turn = task.turn();
    try {
      Optional<TurnSetup> setup = setup(turn);
      if (setup.isEmpty()) {
        return;
      }
      Progress progress = task.resumes() ? journal.progress(turn) : Progress.NONE;
      TurnFailure failure = TurnFailure.CANCELLED;
      TurnEnd end =
          new TurnEnd(
              TurnState.CANCELLED, progress.texts(), progress.files(), Optional.of(failure));
      close(turn, progress, end, failure, setup.get().outlet().notices(turn, end));
      setup.get().outlet().ended(turn, end);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "turn.abandoned turn=" + turn.id(), e);
      log.abandoned(turn);
    }
  }

  private Optional<TurnEnd> run(Task task, RunningTurn running, TurnSetup setup) {
    Turn turn = task.turn();
    if (task.giveUp()) {
      log.started(turn);
      Progress progress = journal.progress(turn);
      return Optional.of(
          runner(setup, running, progress).giveUp(TurnState.INTERRUPTED, TurnFailure.INTERRUPTED));
    }
    Progress progress = Progress.NONE;
    journal.unfinishedBefore(turn).forEach(this::closeAbandoned);
    if (task.resumes()) {
      progress = journal.restart(turn);
    } else {
      journal.start(turn, setup.fresh());
    }
    log.started(turn);
    try (TurnTimer _ = running.limit(setup.timeMax())) {
      return runner(setup, running, progress).run();
    }
  }

  private TurnRunner runner(TurnSetup setup, RunningTurn running, Progress progress) {
    Turn turn = running.turn();
    CallGate gate = new CallGate(gatekeeper, turn, setup);
    Model seeing = model.forTurn(turn.chatId(), turn.id());
    return new TurnRunner(journal, log, seeing, setup, gate, running, progress);
  }

  /** Ends a turn whose end could not be stored when it came: one that runs keeps out all others. */
  private void closeAbandoned(Unfinished left) {
    String id = ErrorId.next();
    LOG.log(Level.WARNING, "turn.closed_late turn={0} error={1}", left.turn().id(), id);
    Progress progress = left.begun() ? journal.progress(left.turn()) : Progress.NONE;
    fail(left.turn(), progress, id);
  }

  /** The turn's setup; a turn that has none any more is closed. */
  private Optional<TurnSetup> setup(Turn turn) {
    try {
      return Optional.of(setups.of(turn));
    } catch (RuntimeException e) {
      String id = ErrorId.next();
      LOG.log(Level.ERROR, "turn.no_setup turn=" + turn.id() + " error=" + id, e);
      fail(turn, journal.progress(turn), id);
      return Optional.empty();
    }
  }

  private void fail(Turn turn, Progress progress, String errorId) {
    TurnFailure failure = TurnFailure.internal(errorId);
    TurnEnd end =
        new TurnEnd(TurnState.FAILED, progress.texts(), progress.files(), Optional.of(failure));
    close(turn, progress, end, failure, List.of());
  }

  private void close(
      Turn turn, Progress progress, TurnEnd end, TurnFailure failure, List<Notice> notices) {
    journal.end(
        turn,
        new Ending(
            end.state(),
            Optional.of(failure),
            List.of(),
            ToolRound.close(progress.steps(), progress.calls()),
            Optional.empty(),
            List.of(new TurnEvent.Failed(failure), new TurnEvent.Done()),
            notices));
  }
}
