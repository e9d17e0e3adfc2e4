package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.turn.Journal.Ending;
import ai.liberclaw.agent.turn.Journal.Progress;
import ai.liberclaw.agent.turn.Journal.Unfinished;
import ai.liberclaw.core.error.ErrorId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Takes one turn from its start, or from where a former process left it, to its end. */
final class TurnThread {
  private static final Logger LOG = System.getLogger(TurnThread.class.getName());

  private final Journal journal;
  private final EventLog log;
  private final Model model;
  private final TurnSetups setups;

  /**
   * A turn to run.
   *
   * @param resumes it was running in a former process
   * @param giveUp it is only closed
   */
  record Task(Turn turn, boolean resumes, boolean giveUp) {}

  TurnThread(Journal journal, EventLog log, Model model, TurnSetups setups) {
    this.journal = journal;
    this.log = log;
    this.model = model;
    this.setups = setups;
  }

  /** Returns when the turn has ended or was handed over; never throws for what the turn did. */
  void run(Task task, RunningTurn running) {
    Turn turn = task.turn();
    try {
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
      TurnRunner runner = new TurnRunner(journal, log, model, setup, running, progress);
      return Optional.of(runner.giveUp(TurnState.INTERRUPTED, TurnFailure.INTERRUPTED));
    }
    Progress progress = Progress.NONE;
    journal.unfinishedBefore(turn).forEach(this::closeAbandoned);
    if (task.resumes()) {
      progress = journal.restart(turn);
    } else {
      journal.start(turn, setup.fresh());
    }
    log.started(turn);
    Thread timer =
        Thread.ofVirtual().name("turn-timer").start(() -> stopAfter(setup.timeMax(), running));
    try {
      Model seeing = model.forTurn(turn.chatId(), turn.id());
      return new TurnRunner(journal, log, seeing, setup, running, progress).run();
    } finally {
      timer.interrupt();
    }
  }

  /** Ends a turn whose end could not be stored when it came: one that runs keeps out all others. */
  private void closeAbandoned(Unfinished left) {
    String id = ErrorId.next();
    LOG.log(Level.WARNING, "turn.closed_late turn={0} error={1}", left.turn().id(), id);
    Progress progress = left.running() ? journal.progress(left.turn()) : Progress.NONE;
    fail(left.turn(), progress, id);
  }

  private static void stopAfter(Duration time, RunningTurn running) {
    try {
      Thread.sleep(time);
      boolean ignored = running.stop(RunningTurn.Stop.TIMEOUT);
    } catch (InterruptedException _) {
      // The turn has ended in time.
    }
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
            ToolRound.close(progress.steps(), progress.calls()),
            Optional.empty(),
            List.of(new TurnEvent.Failed(failure), new TurnEvent.Done()),
            notices));
  }
}
