package ai.liberclaw.agent.heartbeat;

import ai.liberclaw.agent.turn.NewTurn;

/** The turn engine, as far as a heartbeat needs it. */
public interface BeatTurns {
  /** Whether a turn of this chat runs or waits, also one that a former process began. */
  boolean isActive(String chatId);

  /** Stores a turn and sees to it that it runs. */
  void submit(NewTurn turn);
}
