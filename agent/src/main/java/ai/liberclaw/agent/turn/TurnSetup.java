package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.policy.ToolPolicy;
import ai.liberclaw.agent.tool.Toolbox;
import java.time.Duration;

/**
 * How one kind of turn is run. Asked for when a turn starts and again when it goes on after a
 * restart, so it is made from what is stored.
 *
 * @param stepsMax model replies with tool calls
 * @param timeMax wall clock, counted from each start, without the time spent waiting for answers
 * @param main false for subagents, whose tools may not do everything
 * @param fresh the model sees nothing of the chat's earlier turns
 * @param policy narrows the agent's own tool policy for turns of this kind
 */
public record TurnSetup(
    Toolbox tools,
    Conversation conversation,
    int stepsMax,
    Duration timeMax,
    boolean main,
    boolean fresh,
    TurnOutlet outlet,
    ToolPolicy policy) {
  /** A kind of turn under the agent's own tool policy. */
  public TurnSetup(
      Toolbox tools,
      Conversation conversation,
      int stepsMax,
      Duration timeMax,
      boolean main,
      boolean fresh,
      TurnOutlet outlet) {
    this(tools, conversation, stepsMax, timeMax, main, fresh, outlet, ToolPolicy.OPEN);
  }

  /** The setup of one kind of turn. */
  @FunctionalInterface
  public interface Source {
    TurnSetup of(Turn turn);
  }
}
