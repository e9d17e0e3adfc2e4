package ai.liberclaw.api.command;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** One word after {@code java -jar api.jar}. */
public interface Command {
  /** Exit status: it is done. */
  int DONE = 0;

  /** Exit status: it was tried and did not work, or the answer is no. */
  int FAILED = 1;

  /** Exit status: arguments or configuration cannot be used. */
  int REFUSED = 2;

  String name();

  /** One line for {@code --help}. */
  String summary();

  /**
   * Does it.
   *
   * @param arguments those after the name
   * @param environment configuration, with what {@code .env} adds
   * @param out what the operator reads; progress line by line as it happens
   * @return exit status
   * @throws CommandException for arguments that cannot be used
   */
  int run(List<String> arguments, Map<String, String> environment, PrintStream out)
      throws InterruptedException;
}
