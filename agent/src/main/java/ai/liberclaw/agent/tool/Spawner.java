package ai.liberclaw.agent.tool;

import java.time.Duration;

/** Starts tasks in the background. */
public interface Spawner {
  /** Wall clock of a task that asks for none. */
  Duration TIME_DEFAULT = Duration.ofMinutes(5);

  /** Wall clock that a task may ask for. */
  Duration TIME_MAX = Duration.ofMinutes(10);

  /**
   * Starts a subagent for a chat.
   *
   * @return what the model is told; a limit that stands against it is told in the same way
   */
  String spawn(Request request);

  /**
   * What a model wants done.
   *
   * @param chatId of the chat that gets the result
   * @param label names it to the user
   * @param role one of the known ones; any other is the default one
   * @param persona how the subagent shall see itself; may be empty
   */
  record Request(
      String chatId, String task, String label, String role, String persona, Duration timeMax) {
    /** A task without further wishes. */
    public static Request of(String chatId, String task, String label) {
      return new Request(chatId, task, label, "", "", TIME_DEFAULT);
    }
  }
}
