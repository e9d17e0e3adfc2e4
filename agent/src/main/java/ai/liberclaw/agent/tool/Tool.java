package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One thing a model can do. Safe for several chats at once. */
public interface Tool {
  ToolDefinition definition();

  /** True when a call changes nothing, so that several may run side by side. */
  default boolean readOnly() {
    return false;
  }

  /** True when a call that may or may not have happened can simply be made again. */
  default boolean idempotent() {
    return readOnly();
  }

  /** True when the tool bounds its own result, which is then passed on whole. */
  default boolean boundsResult() {
    return false;
  }

  /**
   * Does it. What the model should know of a failure is an error result; a thrown exception becomes
   * one too.
   *
   * @param arguments checked against the definition: required ones are there, types are right
   * @throws InterruptedException the turn was cancelled; nothing of the call goes on
   */
  ToolResult call(ObjectNode arguments, ToolContext context) throws Exception;
}
