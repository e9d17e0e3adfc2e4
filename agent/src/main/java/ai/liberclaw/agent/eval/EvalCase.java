package ai.liberclaw.agent.eval;

import ai.liberclaw.agent.model.Reply;
import java.util.List;
import java.util.Map;

/**
 * One message to an agent in a workspace of its own, what the model answers, and what must come of
 * it.
 *
 * @param files by path: what lies in the workspace before
 * @param stepsMax model calls for the message
 */
public record EvalCase(
    String name,
    String input,
    String chatId,
    Map<String, String> files,
    List<Reply> responses,
    int stepsMax,
    Expected expected) {
  /**
   * What must be true afterwards; what is empty is not checked.
   *
   * @param finalContains parts of the last text
   * @param files by path: a part of what they hold
   * @param historyRoles of all stored rows in order
   * @param events types that come in this order, others may come between
   */
  public record Expected(
      List<String> finalContains,
      Map<String, String> files,
      List<String> historyRoles,
      List<String> events) {}
}
