package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.tool.Toolbox;
import java.time.Duration;

/**
 * How one kind of turn is run. Asked for when a turn starts and again when it goes on after a
 * restart, so it is made from what is stored.
 *
 * @param stepsMax model replies with tool calls
 * @param timeMax wall clock, counted from each start
 * @param main false for subagents, whose tools may not do everything
 * @param fresh the model sees nothing of the chat's earlier turns
 */
public record TurnSetup(
    Toolbox tools,
    Conversation conversation,
    int stepsMax,
    Duration timeMax,
    boolean main,
    boolean fresh,
    TurnOutlet outlet) {
  /** The setup of one kind of turn. */
  @FunctionalInterface
  public interface Source {
    TurnSetup of(Turn turn);
  }
}
