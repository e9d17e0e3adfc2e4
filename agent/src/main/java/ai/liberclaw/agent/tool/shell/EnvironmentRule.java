package ai.liberclaw.agent.tool.shell;

import java.util.List;
import java.util.Optional;

/** Dumping the environment of the shell. */
final class EnvironmentRule implements Rule {
  @Override
  public Optional<String> refuse(Invocation command) {
    List<String> arguments = command.texts();
    boolean dumps =
        switch (command.name()) {
          case "env" -> !command.asksForHelp() && Wrappers.commandOf(command).isEmpty();
          case "printenv" -> command.operands().isEmpty() && !command.asksForHelp();
          case "set" -> arguments.isEmpty();
          case "export", "declare", "typeset", "readonly" ->
              arguments.stream().allMatch(a -> a.matches("-[aiAlnprtuxg]+"));
          default -> false;
        };
    return dumps ? Optional.of("it lists the environment variables") : Optional.empty();
  }
}
