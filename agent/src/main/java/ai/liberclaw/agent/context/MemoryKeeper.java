package ai.liberclaw.agent.context;

import java.util.List;

/** Takes what the model finds worth keeping when rows leave its window. */
@FunctionalInterface
public interface MemoryKeeper {
  /**
   * Keeps facts that a conversation yielded. Never fails the turn.
   *
   * @param facts one line each
   * @param untrusted where content from outside came from that was among the rows; often empty
   */
  void keep(String chatId, List<String> facts, List<String> untrusted);
}
