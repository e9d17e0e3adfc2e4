package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.turn.TurnState;
import java.util.List;
import java.util.Optional;

/** The durable record of runs. Each method that changes something is one transaction. */
public interface SubagentRuns {
  /** Adds a run that is running from now on. */
  void add(SubagentRun run);

  Optional<SubagentRun> find(String id);

  /**
   * A run has ended.
   *
   * @param text its result, or why it failed
   */
  void end(String id, SubagentRun.State state, String text);

  /** The runs that have not ended, oldest first. */
  List<Unfinished> unfinished();

  /**
   * A run that has not ended.
   *
   * @param turn what its turn has come to; empty when it was never asked for
   */
  record Unfinished(SubagentRun run, Optional<TurnState> turn) {}
}
