package ai.liberclaw.agent.tool.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reading {@code .env} files, {@code /run/secrets} or the environment of a process. */
final class SecretFileRule implements Rule {
  // They handle names, not contents.
  private static final Set<String> NAMES_ONLY =
      Set.of(
          "echo",
          "printf",
          "ls",
          "test",
          "[",
          "[[",
          "rm",
          "touch",
          "chmod",
          "chown",
          "stat",
          "mkdir",
          "rmdir",
          "basename",
          "dirname",
          "realpath",
          "readlink",
          "find",
          "cd",
          "export",
          "unset",
          "for",
          "select",
          "case",
          "which",
          "type",
          "return",
          "exit",
          "true",
          "false",
          "man",
          "sleep",
          "kill",
          "pwd");
  // Their first operand is a pattern or a program.
  private static final Set<String> PATTERN_FIRST =
      Set.of("grep", "egrep", "fgrep", "rg", "sed", "awk", "gawk", "mawk");
  private static final Set<String> GIT_READERS = Set.of("diff", "show", "blame", "grep");
  private static final List<String> HARMLESS =
      List.of(".env.example", ".env.sample", ".env.template", ".env.dist");

  @Override
  public Optional<String> refuse(Invocation command) {
    List<Word> candidates = new ArrayList<>();
    if (!NAMES_ONLY.contains(command.name())) {
      candidates.addAll(read(command));
    }
    command.redirections().stream()
        .filter(r -> r.operator().equals("<") || r.operator().equals("<>"))
        .forEach(r -> candidates.add(r.target()));
    for (Word word : candidates) {
      for (GlobPath path : paths(command, word)) {
        if (environmentFile(path.name())) {
          return Optional.of("it reads a .env file, which may hold secrets");
        }
        if (path.startsWith("run", "secrets") || path.startsWith("var", "run", "secrets")) {
          return Optional.of("it reads the secrets directory");
        }
        if (path.segments().size() >= 3
            && path.startsWith("proc")
            && GlobPath.matches(path.name(), "environ")) {
          return Optional.of("it reads the environment of a process");
        }
      }
    }
    return Optional.empty();
  }

  private static List<Word> read(Invocation command) {
    List<Word> operands = command.operands();
    if (command.name().equals("git")) {
      boolean reads = !operands.isEmpty() && GIT_READERS.contains(operands.getFirst().literal());
      return reads ? command.arguments() : List.of();
    }
    if (PATTERN_FIRST.contains(command.name())
        && command.texts().stream().noneMatch(t -> t.matches("-[ef].*"))) {
      return operands.stream().skip(1).toList();
    }
    return command.arguments();
  }

  private static List<GlobPath> paths(Invocation command, Word word) {
    String pattern = word.pattern();
    List<GlobPath> paths = new ArrayList<>();
    paths.add(GlobPath.of(pattern, command.directory(), command.home()));
    // --env-file=.env, file=@.env, HEAD:.env
    int cut =
        Math.max(
            Math.max(pattern.lastIndexOf('='), pattern.lastIndexOf('@')), pattern.lastIndexOf(':'));
    if (cut >= 0) {
      paths.add(GlobPath.of(pattern.substring(cut + 1), command.directory(), command.home()));
    }
    return paths;
  }

  private static boolean environmentFile(String name) {
    if (GlobPath.matches(name, ".env")) {
      return true;
    }
    return name.startsWith(".env.") && !HARMLESS.contains(name);
  }
}
