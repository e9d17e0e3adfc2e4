package ai.liberclaw.agent.model;

import java.util.List;

/**
 * A whole answer of a model.
 *
 * @param text without reasoning; empty when there is none
 * @param toolCalls in the order the model made them, ids unique and never empty
 * @param provider who ran the model that answered, as {@link Model#provider} says; may be empty
 * @param model that answered, which need not be the one asked first; may be empty
 */
public record Reply(
    String text, List<ToolCall> toolCalls, Usage usage, String provider, String model) {
  public Reply {
    toolCalls = List.copyOf(toolCalls);
  }

  /** An answer of nobody in particular. */
  public Reply(String text, List<ToolCall> toolCalls, Usage usage) {
    this(text, toolCalls, usage, "", "");
  }

  /** The same answer of this model. */
  Reply by(Model answering) {
    return new Reply(text, toolCalls, usage, answering.provider(), answering.name());
  }

  /** Neither text (blanks do not count) nor tool calls. */
  public boolean isEmpty() {
    return text.isBlank() && toolCalls.isEmpty();
  }
}
