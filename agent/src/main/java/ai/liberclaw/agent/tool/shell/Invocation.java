package ai.liberclaw.agent.tool.shell;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A simple command as a rule sees it: variables replaced as far as they are known, braces expanded.
 *
 * @param name the last segment of the command word, such as {@code rm} for {@code /bin/rm}
 * @param directory where it runs; empty when the script went somewhere unknown
 */
record Invocation(
    String name,
    List<Word> arguments,
    List<SimpleCommand.Redirection> redirections,
    Optional<Path> directory,
    Path home) {
  Invocation {
    arguments = List.copyOf(arguments);
    redirections = List.copyOf(redirections);
  }

  /** Arguments as plain text. */
  List<String> texts() {
    return arguments.stream().map(Word::literal).toList();
  }

  /** True for {@code --help} and {@code --version} alone. */
  boolean asksForHelp() {
    return !arguments.isEmpty()
        && texts().stream()
            .allMatch(a -> a.equals("--help") || a.equals("--version") || a.equals("-V"));
  }

  /** Arguments that are no options; everything after {@code --}. */
  List<Word> operands() {
    List<String> texts = texts();
    int end = texts.indexOf("--");
    return java.util.stream.IntStream.range(0, texts.size())
        .filter(i -> i != end)
        .filter(i -> (end >= 0 && i > end) || !texts.get(i).startsWith("-"))
        .mapToObj(arguments::get)
        .toList();
  }

  GlobPath path(Word word) {
    return GlobPath.of(word.pattern(), directory, home);
  }
}
