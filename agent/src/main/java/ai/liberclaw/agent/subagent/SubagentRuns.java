package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The durable record of runs. Each method that changes something is one transaction. */
public interface SubagentRuns {
  /**
   * Adds a run that is running from now on.
   *
   * @param notices left in the same transaction
   */
  void add(SubagentRun run, List<Notice> notices);

  Optional<SubagentRun> find(String id);

  /**
   * A run has ended.
   *
   * @param text its result, or why it failed
   * @param notices left in the same transaction
   */
  void end(String id, SubagentRun.State state, String text, List<Notice> notices);

  /** The runs that have not ended, oldest first. */
  List<Unfinished> unfinished();

  /** Runs that are running, then those that ended after a moment, newest first. */
  List<Told> told(Instant endedAfter);

  /** One run with what became of it. */
  Optional<Told> told(String id);

  /**
   * A run that has not ended.
   *
   * @param turn what its turn has come to; empty when it was never asked for
   */
  record Unfinished(SubagentRun run, Optional<TurnOutcome> turn) {}

  /**
   * What a turn has come to.
   *
   * @param text its last words, if any
   */
  record TurnOutcome(TurnState state, String text) {}

  /**
   * A run as it is shown to people.
   *
   * @param result of a run that is completed
   * @param error of a run that did not end well
   */
  record Told(
      SubagentRun run,
      SubagentRun.State state,
      Instant startedAt,
      Optional<Instant> endedAt,
      Optional<String> result,
      Optional<String> error) {}
}
