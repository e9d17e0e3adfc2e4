package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

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

  /** True when a call runs commands: what a policy on shells covers. */
  default boolean shell() {
    return false;
  }

  /** True when a result may carry pictures. */
  default boolean imageAware() {
    return false;
  }

  /** Why the tool cannot work here, such as a program that is missing; it is not offered then. */
  default Optional<String> unavailable() {
    return Optional.empty();
  }

  /**
   * Why a guard rail stands against this call, in words for a person; empty when none does. Whoever
   * makes the call asks first, and may let an owner decide; the call itself does not ask again.
   *
   * @param arguments checked against the definition
   */
  default Optional<String> guardReason(ObjectNode arguments, ToolContext context) {
    return Optional.empty();
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
