package ai.liberclaw.agent.tool.shell;

import java.util.List;

/**
 * One simple command of a script.
 *
 * @param assignments {@code NAME=value} words before the command
 * @param words the command and its arguments; may be empty
 * @param function the function in whose body it stands; empty outside
 * @param subshells how many subshells and substitutions are around it
 * @param follows what ended it: {@code |}, {@code &}, {@code ;} and so on; empty at the end
 */
record SimpleCommand(
    List<Assignment> assignments,
    List<Word> words,
    List<Redirection> redirections,
    String function,
    int subshells,
    String follows) {
  SimpleCommand {
    assignments = List.copyOf(assignments);
    words = List.copyOf(words);
    redirections = List.copyOf(redirections);
  }

  record Assignment(String name, Word value) {}

  /**
   * @param operator such as {@code >}, {@code >>} or {@code <}; {@code <<} for a here-document,
   *     whose text is the target
   */
  record Redirection(String operator, Word target) {
    boolean writes() {
      return operator.indexOf('>') >= 0;
    }
  }
}
