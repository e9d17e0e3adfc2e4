package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.tool.ToolResult;
import java.util.Optional;

/** What becomes of one call. */
sealed interface Ruling {
  /** It runs, if only to say what is wrong with it. */
  record Run() implements Ruling {}

  /** Somebody decides. */
  record Ask(String reason) implements Ruling {}

  /**
   * It does not run.
   *
   * @param result what the model is told instead
   * @param event what readers are told when a policy stands against the call
   */
  record Refused(ToolResult result, Optional<TurnEvent.GuardrailBlocked> event) implements Ruling {}
}
