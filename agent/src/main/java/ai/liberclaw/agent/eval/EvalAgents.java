package ai.liberclaw.agent.eval;

import ai.liberclaw.agent.model.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs a case in an agent that is made for it alone. */
@FunctionalInterface
public interface EvalAgents {
  /**
   * Gives the case's message to a new agent and waits for the end.
   *
   * @param folder empty; the agent keeps everything it has in there
   */
  Outcome run(EvalCase evalCase, Path folder, ScriptedModel model)
      throws IOException, InterruptedException;

  /**
   * What came of it.
   *
   * @param finalText the last text the user was shown
   * @param events types in their order
   * @param error what the user was told went wrong; empty when nothing did
   * @param historyRoles of all stored rows in order
   */
  record Outcome(
      String finalText,
      List<String> events,
      String error,
      List<String> historyRoles,
      Path workspace) {}
}
