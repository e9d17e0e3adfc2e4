package ai.liberclaw.agent.tool.shell;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Recursive or forced deletion of the root, a system directory or the home directory. */
final class DeletionRule implements Rule {
  private static final List<String> SYSTEM =
      List.of(
          "bin",
          "boot",
          "dev",
          "etc",
          "home",
          "lib",
          "lib32",
          "lib64",
          "libx32",
          "opt",
          "proc",
          "root",
          "run",
          "sbin",
          "srv",
          "sys",
          "usr",
          "var",
          "Applications",
          "Library",
          "System",
          "Users",
          "private");
  private static final List<String> SYSTEM_BELOW_USR = List.of("bin", "lib", "lib64", "sbin");
  private static final Set<String> FIND_FILTERS_NOT =
      Set.of(
          "-delete",
          "-exec",
          "-execdir",
          "-ok",
          "-okdir",
          "-type",
          "-mindepth",
          "-maxdepth",
          "-depth",
          "-print",
          "-print0",
          "-xdev",
          "-mount",
          "-or",
          "-o",
          "-a");

  @Override
  public Optional<String> refuse(Invocation command) {
    boolean dangerous =
        switch (command.name()) {
          case "rm" -> recursiveOrForced(command) && anySystem(command, command.operands());
          case "find" -> deletesAll(command) && anySystem(command, startPaths(command));
          default -> false;
        };
    return dangerous
        ? Optional.of("it would delete the whole system, a system directory or the home directory")
        : Optional.empty();
  }

  private static boolean recursiveOrForced(Invocation command) {
    for (String argument : command.texts()) {
      if (argument.equals("--")) {
        return false;
      }
      boolean wide =
          argument.startsWith("--")
              ? argument.length() > 3
                  && ("--recursive".startsWith(argument)
                      || "--force".startsWith(argument)
                      || "--no-preserve-root".startsWith(argument))
              : argument.matches("-[A-Za-z]*[rRf][A-Za-z]*");
      if (wide) {
        return true;
      }
    }
    return false;
  }

  private static boolean deletesAll(Invocation command) {
    List<String> texts = command.texts();
    boolean deletes =
        texts.contains("-delete")
            || (texts.stream().anyMatch(t -> t.startsWith("-exec") || t.startsWith("-ok"))
                && texts.stream().anyMatch(t -> t.equals("rm") || t.endsWith("/rm")));
    boolean filtered =
        texts.stream()
            .takeWhile(t -> !t.startsWith("-exec") && !t.startsWith("-ok"))
            .anyMatch(t -> t.matches("-[a-z][A-Za-z0-9]+") && !FIND_FILTERS_NOT.contains(t));
    return deletes && !filtered;
  }

  private static List<Word> startPaths(Invocation command) {
    return command.arguments().stream()
        .takeWhile(w -> !w.literal().startsWith("-") && !w.literal().matches("[(!]"))
        .toList();
  }

  private static boolean anySystem(Invocation command, List<Word> targets) {
    return targets.stream().anyMatch(target -> system(command, target));
  }

  private static boolean system(Invocation command, Word target) {
    GlobPath path = command.path(target);
    if (!path.known()) {
      return false;
    }
    GlobPath whole = path.withoutStar();
    GlobPath home = GlobPath.of("~", Optional.empty(), command.home());
    if (whole.segments().isEmpty() || whole.segments().equals(home.segments())) {
      return true;
    }
    String first = whole.segments().getFirst();
    return switch (whole.segments().size()) {
      case 1 -> GlobPath.matchesAny(first, SYSTEM);
      case 2 ->
          GlobPath.matches(first, "usr") && GlobPath.matchesAny(whole.name(), SYSTEM_BELOW_USR);
      default -> false;
    };
  }
}
