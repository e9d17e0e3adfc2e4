package ai.liberclaw.agent.model;

import java.util.List;

/**
 * A whole answer of a model.
 *
 * @param text without reasoning; empty when there is none
 * @param toolCalls in the order the model made them, ids unique and never empty
 */
public record Reply(String text, List<ToolCall> toolCalls, Usage usage) {
  public Reply {
    toolCalls = List.copyOf(toolCalls);
  }

  /** Neither text (blanks do not count) nor tool calls. */
  public boolean isEmpty() {
    return text.isBlank() && toolCalls.isEmpty();
  }
}
