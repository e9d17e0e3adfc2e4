package ai.liberclaw.agent.model;

import java.util.List;

/**
 * One question to a model.
 *
 * @param messages valid as a history: every tool result answers a call of the assistant entry
 *     before it, every call has a result
 * @param tools empty when the model may not call any
 */
public record ModelRequest(List<Message> messages, List<ToolDefinition> tools) {
  public ModelRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
  }
}
