package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.turn.NewTurn;

/** The turn engine, as far as subagents need it. */
@FunctionalInterface
public interface TurnSubmission {
  /**
   * Stores a turn and sees to it that it runs.
   *
   * @throws ai.liberclaw.core.error.Refusal when no more turns are taken
   */
  void submit(NewTurn turn);
}
