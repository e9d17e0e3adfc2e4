package ai.liberclaw.agent.coding;

import java.io.IOException;

/** Keeps the state of the workspace before a task changes it. */
@FunctionalInterface
public interface Checkpointer {
  /**
   * Keeps it.
   *
   * @param message what it is for
   * @return what the user is told
   * @throws IOException with a reason for the user, when it could not be kept
   */
  String create(String message) throws IOException, InterruptedException;
}
