package ai.liberclaw.agent.tool;

/** Starts tasks in the background. */
public interface Spawner {
  /**
   * Starts a subagent for this chat.
   *
   * @return what the model is told; a limit that stands against it is told in the same way
   */
  String spawn(String chatId, String task, String label);
}
