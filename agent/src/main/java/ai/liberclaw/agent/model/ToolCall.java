package ai.liberclaw.agent.model;

/**
 * One call of a tool that a model asked for.
 *
 * @param id unique within its reply, never empty
 * @param arguments raw text as the model wrote it; usually, not always, a JSON object
 * @param cutOff the reply reached its token limit inside this call, so that the arguments are
 *     incomplete
 */
public record ToolCall(String id, String name, String arguments, boolean cutOff) {
  public ToolCall {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("a tool call needs an id");
    }
  }

  /** A complete call. */
  public ToolCall(String id, String name, String arguments) {
    this(id, name, arguments, false);
  }
}
