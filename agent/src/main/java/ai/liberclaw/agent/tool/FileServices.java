package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.checkpoint.Checkpoints;
import ai.liberclaw.agent.todo.TodoList;
import ai.liberclaw.agent.tool.grep.Child;
import java.util.Map;

/**
 * What tools on files share with other parts of the agent.
 *
 * @param environment all that programs they start find in theirs
 * @param child how these are started
 */
public record FileServices(
    Checkpoints checkpoints, TodoList todos, Map<String, String> environment, Child child) {
  public FileServices {
    environment = Map.copyOf(environment);
  }
}
