package ai.liberclaw.agent.tool.shell;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Stopping, disabling, masking or killing the agent itself, or process 1. */
final class OwnServiceRule implements Rule {
  private static final Set<String> VERBS = Set.of("stop", "disable", "mask", "kill");
  private static final String REASON = "it would stop the agent itself or the init process";

  private final OwnProcess self;

  OwnServiceRule(OwnProcess self) {
    this.self = self;
  }

  @Override
  public Optional<String> refuse(Invocation command) {
    List<String> operands = command.operands().stream().map(Word::literal).toList();
    boolean stops =
        switch (command.name()) {
          case "systemctl" ->
              operands.size() > 1
                  && VERBS.contains(operands.getFirst())
                  && operands.stream().skip(1).anyMatch(this::ownUnit);
          case "service", "rc-service" ->
              operands.size() > 1 && ownUnit(operands.get(0)) && VERBS.contains(operands.get(1));
          case "kill" -> killsSelf(command.texts());
          case "pkill" -> operands.stream().anyMatch(p -> found(p, matchesWholeLine(command)));
          case "killall" -> operands.stream().anyMatch(p -> found(p, false) || p.equals("init"));
          default -> false;
        };
    return stops ? Optional.of(REASON) : Optional.empty();
  }

  private boolean ownUnit(String unit) {
    String name = unit.endsWith(".service") ? unit.substring(0, unit.length() - 8) : unit;
    return self.services().stream()
        .anyMatch(s -> GlobPath.matches(name, s) || name.startsWith(s + "@"));
  }

  private boolean killsSelf(List<String> arguments) {
    int first = 0;
    if (!arguments.isEmpty() && arguments.getFirst().startsWith("-")) {
      String option = arguments.getFirst();
      if (option.equals("-l") || option.equals("-L")) {
        return false;
      }
      first = option.equals("-s") || option.equals("-n") ? 2 : 1;
    }
    return arguments.stream()
        .skip(first)
        .filter(a -> !a.equals("--"))
        .anyMatch(a ->
            a.equals("1")
                || a.equals("-1")
                || a.equals(Long.toString(self.pid()))
                || a.equals("-" + self.pid()));
  }

  private static boolean matchesWholeLine(Invocation command) {
    return command.texts().stream().anyMatch(a -> a.matches("-[a-z0-9]*f[a-z]*|--full"));
  }

  /** Whether a name pattern would find this process; a plain search is enough for a guard. */
  private boolean found(String pattern, boolean wholeLine) {
    String plain = pattern.replaceAll("[\\^$.*?\\[\\]()+|\\\\]", "").toLowerCase(Locale.ROOT);
    if (plain.isEmpty() || plain.indexOf('\0') >= 0) {
      return pattern.indexOf('\0') < 0;
    }
    String shown = self.commandLine().replaceAll("[.]", "").toLowerCase(Locale.ROOT);
    return wholeLine ? shown.contains(plain) : plain.equals("java");
  }
}
