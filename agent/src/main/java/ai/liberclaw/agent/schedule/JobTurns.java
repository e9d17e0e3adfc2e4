package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Turn;

/** The turn engine, as far as jobs need it. */
public interface JobTurns {
  /** Whether a turn of this chat runs or waits, also one that a former process began. */
  boolean isActive(String chatId);

  /**
   * Stores a turn and sees to it that it runs.
   *
   * @throws ai.liberclaw.core.error.Refusal when no more turns are taken
   */
  Turn submit(NewTurn turn);
}
