package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Turn;

/** The turn engine, as far as subagents need it. */
public interface SubagentTurns {
  /**
   * Stores a turn and sees to it that it runs.
   *
   * @throws ai.liberclaw.core.error.Refusal when no more turns are taken
   */
  Turn submit(NewTurn turn);

  /** Cancels the turns of a chat; false when there are none. */
  boolean cancel(String chatId);
}
