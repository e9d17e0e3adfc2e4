package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.model.Usage;
import java.util.List;

/** What a model is shown in a turn. */
public interface Conversation {
  /**
   * The system prompt and the chat so far, valid as a history and short enough for the model.
   *
   * @param shorten true after the provider found the last one too long
   */
  List<Message> messages(Turn turn, List<ToolDefinition> tools, boolean shorten)
      throws ModelException, InterruptedException;

  /** What the last request cost. */
  void observed(Turn turn, Usage usage);
}
