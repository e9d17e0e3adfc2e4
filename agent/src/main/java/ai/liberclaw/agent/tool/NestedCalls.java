package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolCall;

/** Calls that a tool makes of other tools, under the policy of the turn it serves. */
@FunctionalInterface
public interface NestedCalls {
  /** For a tool that may make none. */
  NestedCalls NONE = call -> ToolResult.error("tool '" + call.name() + "' cannot be called here");

  /**
   * @throws InterruptedException the turn was cancelled; nothing of the call goes on
   */
  ToolResult call(ToolCall call) throws InterruptedException;
}
