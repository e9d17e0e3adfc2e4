package ai.liberclaw.agent.tool.code;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Makes the calls that a script asks for. */
@FunctionalInterface
public interface CallHandler {
  /**
   * What a call came to.
   *
   * @param failed whether the script gets it as an error
   */
  record Reply(String text, boolean failed) {}

  /**
   * @throws InterruptedException the turn was cancelled
   */
  Reply call(String tool, ObjectNode arguments) throws InterruptedException;
}
