package ai.liberclaw.agent.tool.shell;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Shutting down, restarting or suspending the machine. */
final class PowerRule implements Rule {
  private static final Set<String> TOOLS = Set.of("shutdown", "reboot", "halt", "poweroff");
  private static final Set<String> VERBS =
      Set.of(
          "poweroff",
          "reboot",
          "halt",
          "kexec",
          "soft-reboot",
          "suspend",
          "hibernate",
          "hybrid-sleep",
          "suspend-then-hibernate",
          "rescue",
          "emergency",
          "exit");
  private static final Set<String> RUN_LEVELS = Set.of("0", "1", "6", "s", "S");

  @Override
  public Optional<String> refuse(Invocation command) {
    List<Word> operands = command.operands();
    String first = operands.isEmpty() ? "" : operands.getFirst().literal();
    boolean stops =
        switch (command.name()) {
          case "systemctl", "loginctl" -> VERBS.contains(first);
          case "init", "telinit" -> RUN_LEVELS.contains(first);
          default -> TOOLS.contains(command.name()) && !command.asksForHelp();
        };
    stops |=
        command.redirections().stream()
            .anyMatch(r -> r.writes() && command.path(r.target()).mayBe("proc", "sysrq-trigger"));
    stops |=
        command.name().equals("tee")
            && operands.stream().anyMatch(w -> command.path(w).mayBe("proc", "sysrq-trigger"));
    return stops
        ? Optional.of("it shuts down, restarts or suspends the machine")
        : Optional.empty();
  }
}
