package ai.liberclaw.agent.tool.shell;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One pass over one script: follows its directory and variables as far as its text tells them, and
 * shows every command to the rules, also those that other commands run.
 */
final class ScriptCheck {
  private static final int NESTING_MAX = 10;
  private static final Set<String> ASSIGNING =
      Set.of(
          "read",
          "for",
          "select",
          "mapfile",
          "readarray",
          "getopts",
          "local",
          "export",
          "declare",
          "typeset",
          "readonly",
          "let",
          "unset");
  private static final Set<String> SOURCING = Set.of("source", ".", "eval");

  private static final String TOO_DEEP = "its commands are nested too deeply to be checked";

  private final Set<String> reasons = new LinkedHashSet<>();
  private final List<Rule> rules;
  private final Path home;
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> initial;
  private final Set<String> unknown = new HashSet<>();
  private boolean anythingMayBeSet;
  private Optional<Path> directory;
  private final List<Optional<Path>> outerDirectories = new ArrayList<>();
  // What the command before a pipe prints, as far as its text tells.
  private Optional<List<Word>> piped = Optional.empty();

  ScriptCheck(
      List<Rule> rules,
      Path directory,
      Path home,
      Map<String, String> environment,
      ShellMemory memory,
      long pid) {
    this.rules = rules;
    this.home = home;
    this.directory = Optional.of(directory);
    variables.putAll(environment);
    unknown.addAll(memory.names());
    anythingMayBeSet = memory.anything();
    variables.put("HOME", home.toString());
    variables.put("PPID", Long.toString(pid));
    initial = Map.copyOf(variables);
  }

  /** All that stands against the script, so that a yes to one thing is none to another. */
  Optional<String> refuse(String script) {
    script(script, 0);
    return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join(", and ", reasons));
  }

  /** Remembers what the scripts checked so far set, for those that follow in the same shell. */
  void rememberIn(ShellMemory memory) {
    Set<String> set = new HashSet<>(unknown);
    variables.forEach((name, value) -> {
      if (!value.equals(initial.get(name))) {
        set.add(name);
      }
    });
    memory.add(set, anythingMayBeSet);
  }

  private void script(String text, int nesting) {
    if (nesting > NESTING_MAX) {
      reasons.add(TOO_DEEP);
      return;
    }
    List<SimpleCommand> commands = ShellParser.parse(text);
    if (commands.size() >= ShellParser.COMMANDS_MAX) {
      reasons.add("it has more than " + ShellParser.COMMANDS_MAX + " commands; put it into a file");
      return;
    }
    int around = outerDirectories.size();
    for (SimpleCommand command : commands) {
      enter(around + command.subshells());
      simple(command, nesting);
    }
    enter(around);
  }

  private void simple(SimpleCommand command, int nesting) {
    List<Word> words = expand(command.words());
    if (!command.function().isEmpty()
        && !words.isEmpty()
        && words.getFirst().literal().equals(command.function())
        && (command.follows().startsWith("|") || command.follows().equals("&"))) {
      reasons.add("it looks like a fork bomb");
    }
    List<SimpleCommand.Redirection> redirections =
        command.redirections().stream()
            .map(r -> new SimpleCommand.Redirection(r.operator(), resolve(r.target())))
            .toList();
    words(words, redirections, nesting);
    follow(command, words);
  }

  private void words(List<Word> words, List<SimpleCommand.Redirection> redirections, int nesting) {
    if (nesting > NESTING_MAX) {
      reasons.add(TOO_DEEP);
      return;
    }
    String first = words.isEmpty() ? "" : words.getFirst().literal();
    Invocation invocation =
        new Invocation(
            first.substring(first.lastIndexOf('/') + 1),
            words.isEmpty() ? List.of() : words.subList(1, words.size()),
            redirections,
            directory,
            home);
    for (Rule rule : rules) {
      rule.refuse(invocation).ifPresent(reasons::add);
    }
    for (List<Word> inner : innerCommands(invocation)) {
      words(inner, List.of(), nesting + 1);
    }
    for (String inner : innerScripts(invocation)) {
      script(inner, nesting + 1);
    }
  }

  private List<List<Word>> innerCommands(Invocation invocation) {
    if (invocation.name().equals("find")) {
      return Wrappers.commandsOfFind(invocation);
    }
    List<Word> inner = Wrappers.commandOf(invocation);
    if (inner.isEmpty()) {
      return List.of();
    }
    List<Word> whole = new ArrayList<>(inner);
    if (invocation.name().equals("xargs")) {
      piped.ifPresent(whole::addAll);
    }
    return List.of(whole);
  }

  private List<String> innerScripts(Invocation invocation) {
    List<String> scripts = new ArrayList<>(Wrappers.scriptsOf(invocation));
    if (Wrappers.readsScript(invocation)) {
      invocation.redirections().stream()
          .filter(r -> r.operator().equals("<<") || r.operator().equals("<<<"))
          .forEach(r -> scripts.add(r.target().literal()));
      piped.ifPresent(
          words -> scripts.add(String.join(" ", words.stream().map(Word::literal).toList())));
    }
    return scripts;
  }

  /** A subshell's change of directory ends with it. */
  private void enter(int subshells) {
    while (outerDirectories.size() < subshells) {
      outerDirectories.add(directory);
    }
    while (outerDirectories.size() > subshells) {
      directory = outerDirectories.removeLast();
    }
  }

  /** What the command changes for those after it. */
  private void follow(SimpleCommand command, List<Word> words) {
    String name = words.isEmpty() ? "" : words.getFirst().literal();
    piped =
        command.follows().startsWith("|")
                && !command.follows().equals("||")
                && (name.equals("echo") || name.equals("printf"))
            ? Optional.of(words.subList(1, words.size()))
            : Optional.empty();
    if (words.isEmpty()) {
      for (SimpleCommand.Assignment assignment : command.assignments()) {
        assign(assignment);
      }
    }
    anythingMayBeSet |= SOURCING.contains(name);
    if (ASSIGNING.contains(name)) {
      words.forEach(w -> unknown.add(w.literal().split("=", 2)[0]));
    }
    if (name.equals("printf") && words.size() > 2 && words.get(1).literal().equals("-v")) {
      unknown.add(words.get(2).literal());
    }
    if (name.equals("cd") || name.equals("pushd")) {
      changeDirectory(words);
    }
  }

  private void assign(SimpleCommand.Assignment assignment) {
    Word value = resolve(assignment.value());
    boolean known = value.parts().stream().allMatch(p -> p instanceof Word.Part.Text);
    if (known) {
      variables.put(assignment.name(), value.literal());
      unknown.remove(assignment.name());
    } else {
      unknown.add(assignment.name());
    }
  }

  private void changeDirectory(List<Word> words) {
    Word target =
        words.stream()
            .skip(1)
            .filter(w -> !w.literal().matches("-[LPe@]+|--"))
            .findFirst()
            .orElse(Word.of(home.toString()));
    GlobPath path = GlobPath.of(target.literal(), directory, home);
    String text = target.literal();
    if (!path.known() || text.indexOf('\0') >= 0 || text.equals("-")) {
      directory = Optional.empty();
      return;
    }
    try {
      directory = Optional.of(Path.of("/" + String.join("/", path.segments())));
    } catch (InvalidPathException _) {
      directory = Optional.empty();
    }
  }

  private List<Word> expand(List<Word> words) {
    List<Word> out = new ArrayList<>();
    for (Word word : words) {
      for (Word one : word.braces()) {
        out.add(resolve(one));
      }
    }
    return out;
  }

  private Word resolve(Word word) {
    return word.resolve(this::value);
  }

  private Word.Part value(Word.Part.Variable variable) {
    String name = variable.name();
    if (name.equals("PWD") && directory.isPresent()) {
      return new Word.Part.Text(directory.get().toString(), true);
    }
    String known = variables.get(name);
    if (unknown.contains(name) || (known == null && !plainlyUnset(variable))) {
      return new Word.Part.Unknown();
    }
    // Unquoted in effect: a value may hold globs and several words; a guard takes it as one.
    return new Word.Part.Text(known == null ? "" : known, false);
  }

  /** What a shell starts with is known, so what no script sets is empty. */
  private boolean plainlyUnset(Word.Part.Variable variable) {
    return variable.plain()
        && !anythingMayBeSet
        && variable.name().matches("[A-Za-z_][A-Za-z0-9_]*")
        && !BASH_SETS.contains(variable.name());
  }

  private static final Set<String> BASH_SETS =
      Set.of(
          "PWD",
          "OLDPWD",
          "RANDOM",
          "SECONDS",
          "UID",
          "EUID",
          "HOSTNAME",
          "LINENO",
          "BASH",
          "BASHPID",
          "BASH_SOURCE",
          "FUNCNAME",
          "REPLY",
          "OSTYPE",
          "MACHTYPE",
          "HOSTTYPE",
          "SHLVL",
          "PIPESTATUS",
          "GROUPS",
          "EPOCHSECONDS",
          "OPTARG",
          "OPTIND",
          "COLUMNS",
          "LINES",
          "IFS");
}
