package ai.liberclaw.agent.tool.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Commands that run another command or a piece of shell text given as arguments. */
final class Wrappers {
  /**
   * @param valued letters of short options that take the next word
   * @param operands own operands before the command
   */
  private record Wrapper(String valued, int operands) {}

  private static final Map<String, Wrapper> WRAPPERS =
      Map.ofEntries(
          Map.entry("sudo", new Wrapper("ugpChDRTU", 0)),
          Map.entry("doas", new Wrapper("uC", 0)),
          Map.entry("env", new Wrapper("uCS", 0)),
          Map.entry("nohup", new Wrapper("", 0)),
          Map.entry("time", new Wrapper("fo", 0)),
          Map.entry("timeout", new Wrapper("ks", 1)),
          Map.entry("nice", new Wrapper("n", 0)),
          Map.entry("ionice", new Wrapper("cn", 0)),
          Map.entry("chrt", new Wrapper("", 1)),
          Map.entry("exec", new Wrapper("a", 0)),
          Map.entry("command", new Wrapper("", 0)),
          Map.entry("builtin", new Wrapper("", 0)),
          Map.entry("setsid", new Wrapper("", 0)),
          Map.entry("stdbuf", new Wrapper("ioe", 0)),
          Map.entry("xargs", new Wrapper("InPLdaEs", 0)),
          Map.entry("parallel", new Wrapper("jI", 0)),
          Map.entry("watch", new Wrapper("n", 0)),
          Map.entry("strace", new Wrapper("efopsu", 0)),
          Map.entry("flock", new Wrapper("wE", 1)),
          Map.entry("unshare", new Wrapper("", 0)),
          Map.entry("busybox", new Wrapper("", 0)),
          Map.entry("chroot", new Wrapper("", 1)));
  private static final Set<String> VALUED_LONG =
      Set.of(
          "--user",
          "--group",
          "--unset",
          "--chdir",
          "--kill-after",
          "--signal",
          "--adjustment",
          "--max-args",
          "--max-procs",
          "--replace",
          "--delimiter",
          "--interval",
          "--jobs");
  static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "zsh", "ksh", "ash", "rbash");
  private static final Set<String> FIND_ACTIONS = Set.of("-exec", "-execdir", "-ok", "-okdir");

  private Wrappers() {}

  /** The words of the command that this one runs; empty when it runs none. */
  static List<Word> commandOf(Invocation command) {
    Wrapper wrapper = WRAPPERS.get(command.name());
    if (wrapper == null) {
      return List.of();
    }
    List<Word> arguments = command.arguments();
    if (command.name().equals("command")
        && !arguments.isEmpty()
        && arguments.getFirst().literal().matches("-[vV]+")) {
      return List.of();
    }
    int at = 0;
    while (at < arguments.size()) {
      String option = arguments.get(at).literal();
      if (option.equals("--")) {
        at++;
        break;
      }
      if (!option.startsWith("-") || option.equals("-")) {
        if (option.equals("-")) {
          at++;
        }
        break;
      }
      boolean takesNext =
          option.startsWith("--")
              ? VALUED_LONG.contains(option)
              : option.length() == 2 && wrapper.valued().indexOf(option.charAt(1)) >= 0;
      at += takesNext ? 2 : 1;
    }
    at += wrapper.operands();
    while ((command.name().equals("env") || command.name().equals("sudo"))
        && at < arguments.size()
        && arguments.get(at).literal().matches("(?s)[A-Za-z_][A-Za-z0-9_]*=.*")) {
      at++;
    }
    return at < arguments.size() ? arguments.subList(at, arguments.size()) : List.of();
  }

  /** Commands in a find expression, with {@code {}} replaced by the name it looks for. */
  static List<List<Word>> commandsOfFind(Invocation find) {
    List<List<Word>> commands = new ArrayList<>();
    List<Word> arguments = find.arguments();
    Word found = Word.of("{}");
    for (int i = 0; i < arguments.size(); i++) {
      String option = arguments.get(i).literal();
      if (option.matches("-i?(name|path)") && i + 1 < arguments.size()) {
        // The pattern was quoted for the shell; find itself expands it.
        found = new Word(List.of(new Word.Part.Text(arguments.get(i + 1).literal(), false)));
      }
      if (FIND_ACTIONS.contains(option)) {
        List<Word> words = new ArrayList<>();
        while (++i < arguments.size() && !arguments.get(i).literal().matches("[;+]")) {
          words.add(arguments.get(i).literal().equals("{}") ? found : arguments.get(i));
        }
        commands.add(words);
      }
    }
    return commands;
  }

  /** Shell text that this command runs; each element is one script. */
  static List<String> scriptsOf(Invocation command) {
    List<String> texts = command.texts();
    List<String> scripts = new ArrayList<>();
    switch (command.name()) {
      case "eval" -> scripts.add(String.join(" ", texts));
      case "trap" -> texts.stream().filter(t -> !t.startsWith("-")).limit(1).forEach(scripts::add);
      case "su", "script", "flock", "runuser" -> scripts.addAll(after(texts, "-c|--command"));
      case "env" -> scripts.addAll(after(texts, "-[a-zA-Z]*S|--split-string"));
      case "watch" ->
          scripts.add(
              commandOf(command).stream().map(Word::literal).collect(Collectors.joining(" ")));
      default -> {
        if (SHELLS.contains(command.name())) {
          scripts.addAll(after(texts, "-[a-zA-Z]*c[a-zA-Z]*"));
        }
      }
    }
    return scripts;
  }

  private static List<String> after(List<String> texts, String option) {
    for (int i = 0; i + 1 < texts.size(); i++) {
      if (texts.get(i).matches(option)) {
        return List.of(texts.get(i + 1));
      }
    }
    return List.of();
  }

  /** True for a shell that reads its script from standard input. */
  static boolean readsScript(Invocation command) {
    return SHELLS.contains(command.name())
        && (command.operands().isEmpty() || command.texts().contains("-s"));
  }
}
