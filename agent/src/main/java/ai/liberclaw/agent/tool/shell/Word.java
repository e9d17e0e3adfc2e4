package ai.liberclaw.agent.tool.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One shell word after quote removal. What the shell would still expand is kept apart from ordinary
 * text, so that {@code '$HOME'} and {@code "$HOME"} differ.
 */
record Word(List<Part> parts) {
  /** Words one brace expansion may yield; more stay unexpanded. */
  private static final int BRACE_WORDS_MAX = 64;

  /** A stretch of a word. */
  sealed interface Part {
    /** Text; {@code quoted} text takes no part in globs and braces. */
    record Text(String text, boolean quoted) implements Part {}

    /**
     * A parameter.
     *
     * @param plain {@code $name} or {@code ${name}}, without an operator such as {@code :-}
     */
    record Variable(String name, boolean plain) implements Part {}

    /** A command substitution or an expansion whose value nobody knows beforehand. */
    record Unknown() implements Part {}
  }

  Word {
    parts = List.copyOf(parts);
  }

  static Word of(String text) {
    return new Word(List.of(new Part.Text(text, true)));
  }

  /** The text; globs stay as they are, variables become <code>${name}</code>, the unknown \\0. */
  String literal() {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Text text -> out.append(text.text());
        case Part.Variable variable -> out.append("${").append(variable.name()).append('}');
        case Part.Unknown _ -> out.append('\0');
      }
    }
    return out.toString();
  }

  boolean unquoted() {
    return parts.stream().allMatch(p -> p instanceof Part.Text text && !text.quoted());
  }

  /** The word with variables replaced by what is known of them. */
  Word resolve(Function<Part.Variable, Part> values) {
    List<Part> out = new ArrayList<>();
    for (Part part : parts) {
      out.add(part instanceof Part.Variable variable ? values.apply(variable) : part);
    }
    return new Word(out);
  }

  /**
   * As a glob: characters that match only themselves are preceded by a backslash where they would
   * else be special; an unknown part is {@code \0}.
   */
  String pattern() {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Text text -> {
          for (char c : text.text().toCharArray()) {
            if (c == '\\' || (text.quoted() && "*?[]".indexOf(c) >= 0)) {
              out.append('\\');
            }
            out.append(c);
          }
        }
        case Part.Variable _, Part.Unknown _ -> out.append('\0');
      }
    }
    return out.toString();
  }

  /** What {@code a{b,c}} stands for; itself when there is nothing to expand. */
  List<Word> braces() {
    List<Word> done = new ArrayList<>();
    List<Word> todo = new ArrayList<>(List.of(this));
    while (!todo.isEmpty()) {
      if (done.size() + todo.size() > BRACE_WORDS_MAX) {
        return List.of(this);
      }
      Word word = todo.removeLast();
      List<Word> more = word.firstBrace();
      if (more.isEmpty()) {
        done.add(word);
      } else {
        todo.addAll(more.reversed());
      }
    }
    return done;
  }

  private List<Word> firstBrace() {
    for (int i = 0; i < parts.size(); i++) {
      if (!(parts.get(i) instanceof Part.Text text) || text.quoted()) {
        continue;
      }
      int open = text.text().indexOf('{');
      int close = open < 0 ? -1 : text.text().indexOf('}', open);
      if (close < 0 || text.text().substring(open, close).indexOf(',') < 0) {
        continue;
      }
      // The innermost pair first; the outer one follows when this one is gone.
      open = text.text().lastIndexOf('{', close);
      List<Word> out = new ArrayList<>();
      for (String choice : text.text().substring(open + 1, close).split(",", -1)) {
        List<Part> replaced = new ArrayList<>(parts);
        replaced.set(
            i,
            new Part.Text(
                text.text().substring(0, open) + choice + text.text().substring(close + 1), false));
        out.add(new Word(replaced));
      }
      return out;
    }
    return List.of();
  }
}
