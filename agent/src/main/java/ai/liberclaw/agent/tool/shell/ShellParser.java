package ai.liberclaw.agent.tool.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits shell text into its simple commands, also those inside substitutions, subshells, loops and
 * functions, by the token rules of POSIX (Shell Command Language, 2.3) and bash's additions. It is
 * lenient: what a shell would reject is read as far as it goes.
 */
final class ShellParser extends WordReader {
  /** Commands looked at in one script, nested ones included; the rest is not looked at. */
  static final int COMMANDS_MAX = 5_000;

  private static final int NESTING_MAX = 32;
  private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)\\+?=");
  private static final Pattern REDIRECTION =
      Pattern.compile("(?:[0-9]+|&)?(<<<|<<-|<<|<>|<&|>>|>\\||>&|<|>)");
  // After these the next word is again in command position.
  private static final Set<String> PREFIXES =
      Set.of("if", "then", "else", "elif", "while", "until", "do", "{", "!", "coproc");
  // These stand alone where a command would.
  private static final Set<String> CLOSERS = Set.of("fi", "done", "}", "esac");

  private final int nesting;
  private final List<SimpleCommand> commands;
  private final List<HereDocument> openDocuments = new ArrayList<>();

  private List<SimpleCommand.Assignment> assignments = new ArrayList<>();
  private List<Word> words = new ArrayList<>();
  private List<SimpleCommand.Redirection> redirections = new ArrayList<>();
  private String function = "";
  private int functionDepth;
  private int depth;
  private int subshells;
  // Between a case's "in" or ";;" and the ")" that ends the pattern.
  private boolean inCasePattern;
  private int cases;

  /** {@code command} is the index of its command, -1 until that has ended. */
  private record HereDocument(
      String delimiter, boolean quoted, boolean tabs, int redirection, int command) {
    HereDocument of(int index) {
      return command >= 0 ? this : new HereDocument(delimiter, quoted, tabs, redirection, index);
    }
  }

  private ShellParser(String text, int nesting, List<SimpleCommand> commands) {
    super(text);
    this.nesting = nesting;
    this.commands = commands;
  }

  /** Every simple command, outer before inner, otherwise in the order of the text. */
  static List<SimpleCommand> parse(String script) {
    List<SimpleCommand> commands = new ArrayList<>();
    new ShellParser(script.replace("\\\n", ""), 0, commands).script();
    return commands;
  }

  @Override
  void nested(String inner) {
    if (nesting < NESTING_MAX && commands.size() < COMMANDS_MAX) {
      new ShellParser(inner, nesting + 1, commands).script();
    }
  }

  private void script() {
    while (at < text.length() && commands.size() < COMMANDS_MAX) {
      char c = text.charAt(at);
      if (c == '\n') {
        end("\n");
        at++;
        hereDocuments();
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '#') {
        skipTo('\n');
      } else if (c == ';' || c == '|' || c == '&') {
        separator(c);
      } else if (c == '(') {
        open();
      } else if (c == ')') {
        at++;
        close();
      } else {
        word();
      }
    }
    end("");
  }

  private void separator(char c) {
    if (c == '&' && text.startsWith("&>", at)) {
      redirection(text.startsWith("&>>", at) ? 3 : 2, ">");
      return;
    }
    int start = at++;
    while (at < text.length() && at - start < 3 && ";|&".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String operator = text.substring(start, at);
    if (inCasePattern && operator.equals("|")) {
      words.clear();
      return;
    }
    end(operator);
    if (cases > 0 && operator.startsWith(";;")) {
      inCasePattern = true;
    }
  }

  private void open() {
    if (inCasePattern) {
      at++;
      return;
    }
    at++;
    if (words.size() <= 1) {
      int close = at;
      while (close < text.length() && text.charAt(close) == ' ') {
        close++;
      }
      if (close < text.length() && text.charAt(close) == ')') {
        at = close + 1;
        if (!words.isEmpty()) {
          beginFunction(words.getFirst().literal());
        }
        return;
      }
    }
    if (!assignments.isEmpty() && words.isEmpty()) {
      // NAME=( … ): the elements of an array are no commands.
      substitutionsOf(balanced('(', ')'));
      return;
    }
    end("(");
    depth++;
    subshells++;
  }

  private void close() {
    if (inCasePattern) {
      words.clear();
      inCasePattern = false;
      return;
    }
    end(")");
    depth--;
    subshells = Math.max(0, subshells - 1);
    endFunction();
  }

  private void beginFunction(String name) {
    words.clear();
    function = name;
    functionDepth = depth;
  }

  private void endFunction() {
    if (!function.isEmpty() && depth <= functionDepth) {
      function = "";
    }
  }

  private void end(String operator) {
    if (!assignments.isEmpty() || !words.isEmpty() || !redirections.isEmpty()) {
      commands.add(
          new SimpleCommand(
              assignments, words, redirections, function, nesting + subshells, operator));
      int index = commands.size() - 1;
      openDocuments.replaceAll(document -> document.of(index));
      assignments = new ArrayList<>();
      words = new ArrayList<>();
      redirections = new ArrayList<>();
    }
  }

  private void hereDocuments() {
    for (HereDocument document : openDocuments) {
      StringBuilder body = new StringBuilder();
      while (at < text.length()) {
        int newline = text.indexOf('\n', at);
        int lineEnd = newline < 0 ? text.length() : newline;
        String line = text.substring(at, lineEnd);
        at = Math.min(text.length(), lineEnd + 1);
        if ((document.tabs() ? line.replaceFirst("^\t+", "") : line).equals(document.delimiter())) {
          break;
        }
        body.append(line).append('\n');
      }
      fill(document, body.toString());
      if (!document.quoted()) {
        substitutionsOf(body.toString());
      }
    }
    openDocuments.clear();
  }

  private void fill(HereDocument document, String body) {
    if (document.command() < 0) {
      return;
    }
    SimpleCommand command = commands.get(document.command());
    List<SimpleCommand.Redirection> filled = new ArrayList<>(command.redirections());
    filled.set(document.redirection(), new SimpleCommand.Redirection("<<", Word.of(body)));
    commands.set(
        document.command(),
        new SimpleCommand(
            command.assignments(),
            command.words(),
            filled,
            command.function(),
            command.subshells(),
            command.follows()));
  }

  @Override
  void substitutionsOf(String body) {
    ShellParser inner = new ShellParser(body, nesting + 1, commands);
    if (nesting < NESTING_MAX) {
      while (inner.at < body.length()) {
        char c = body.charAt(inner.at);
        if (c == '\\') {
          inner.at += 2;
        } else if (c == '$' || c == '`') {
          inner.expansion(new ArrayList<>(), true);
        } else {
          inner.at++;
        }
      }
    }
  }

  private void word() {
    Matcher redirect = REDIRECTION.matcher(text).region(at, text.length());
    if (redirect.lookingAt() && !inTest()) {
      String operator = redirect.group(1);
      if (text.startsWith("(", redirect.end()) && (operator.equals("<") || operator.equals(">"))) {
        at = redirect.end() + 1;
        nested(balanced('(', ')'));
        words.add(new Word(List.of(new Word.Part.Unknown())));
        return;
      }
      redirection(redirect.end() - at, operator);
      return;
    }
    if (words.isEmpty() && !inCasePattern) {
      Matcher assignment = ASSIGNMENT.matcher(text).region(at, text.length());
      if (assignment.lookingAt()) {
        at = assignment.end();
        assignments.add(new SimpleCommand.Assignment(assignment.group(1), readWord()));
        return;
      }
    }
    Word word = readWord();
    if (!keyword(word)) {
      words.add(word);
    }
  }

  private boolean inTest() {
    return !words.isEmpty() && words.getFirst().literal().equals("[[");
  }

  private boolean keyword(Word word) {
    if (!word.unquoted()) {
      return false;
    }
    String plain = word.literal();
    if (words.isEmpty() && assignments.isEmpty() && !inCasePattern) {
      if (plain.equals("{")) {
        depth++;
      }
      if (plain.equals("}")) {
        depth--;
        endFunction();
      }
      if (PREFIXES.contains(plain)) {
        return true;
      }
      if (CLOSERS.contains(plain)) {
        cases -= plain.equals("esac") ? 1 : 0;
        return true;
      }
      if (plain.equals("case")) {
        cases++;
      }
    } else if (inCasePattern && plain.equals("esac")) {
      cases--;
      inCasePattern = false;
      words.clear();
      return true;
    } else if (plain.equals("in")
        && words.size() == 2
        && words.getFirst().literal().equals("case")) {
      words.clear();
      inCasePattern = true;
      return true;
    } else if (words.size() == 1 && words.getFirst().literal().equals("function")) {
      beginFunction(plain);
      return true;
    }
    return false;
  }

  private void redirection(int length, String operator) {
    at += length;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    int start = at;
    Word target = readWord();
    if (operator.equals("<<") || operator.equals("<<-")) {
      String raw = text.substring(start, at);
      openDocuments.add(
          new HereDocument(
              target.literal(),
              raw.indexOf('\'') >= 0 || raw.indexOf('"') >= 0 || raw.indexOf('\\') >= 0,
              operator.equals("<<-"),
              redirections.size(),
              -1));
      redirections.add(new SimpleCommand.Redirection("<<", Word.of("")));
    } else {
      redirections.add(new SimpleCommand.Redirection(operator, target));
    }
  }
}
