package ai.liberclaw.agent.coding;

import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Turn;
import java.util.Optional;

/** The turn engine, as far as coding tasks need it. */
public interface CodingTurns {
  /**
   * Stores a turn and sees to it that it runs.
   *
   * @throws ai.liberclaw.core.error.Refusal when no more turns are taken
   */
  Turn submit(NewTurn turn);

  /** A turn by its id, also one that ended long ago. */
  Optional<Turn> find(String turnId);

  /** Cancels the turns of a chat; false when there are none. */
  boolean cancel(String chatId);

  /** Whether a turn of this chat runs or waits. */
  boolean isActive(String chatId);
}
