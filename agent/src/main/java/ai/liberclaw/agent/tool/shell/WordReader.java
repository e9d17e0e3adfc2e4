package ai.liberclaw.agent.tool.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the words of shell text, with their quotes and expansions. */
abstract class WordReader {
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])(|[:?%#=-].*)", Pattern.DOTALL);

  final String text;

  /** Where the next character is read. */
  int at;

  WordReader(String text) {
    this.text = text;
  }

  /** Takes the script of a substitution. */
  abstract void nested(String script);

  /** Takes text in which substitutions may stand. */
  abstract void substitutionsOf(String words);

  final Word readWord() {
    List<Word.Part> parts = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c) || ";|&()".indexOf(c) >= 0 || ("<>".indexOf(c) >= 0)) {
        break;
      }
      if (c == '\\' || c == '\'' || c == '"' || c == '$' || c == '`') {
        flush(plain, parts);
        quotedOrExpanded(c, parts);
      } else {
        plain.append(c);
        at++;
      }
    }
    if (at < text.length() && plain.isEmpty() && parts.isEmpty() && "<>".indexOf(at()) >= 0) {
      plain.append(at());
      at++;
    }
    flush(plain, parts);
    return new Word(parts);
  }

  private char at() {
    return text.charAt(at);
  }

  private static void flush(StringBuilder plain, List<Word.Part> parts) {
    if (!plain.isEmpty()) {
      parts.add(new Word.Part.Text(plain.toString(), false));
      plain.setLength(0);
    }
  }

  private void quotedOrExpanded(char c, List<Word.Part> parts) {
    switch (c) {
      case '\\' -> {
        at++;
        if (at < text.length()) {
          parts.add(new Word.Part.Text(text.substring(at, at + 1), true));
          at++;
        }
      }
      case '\'' -> {
        at++;
        parts.add(new Word.Part.Text(until('\''), true));
      }
      case '"' -> doubleQuoted(parts);
      default -> expansion(parts, false);
    }
  }

  private void doubleQuoted(List<Word.Part> parts) {
    at++;
    StringBuilder plain = new StringBuilder();
    while (at < text.length() && at() != '"') {
      char c = at();
      if (c == '\\' && at + 1 < text.length() && "$`\"\\".indexOf(text.charAt(at + 1)) >= 0) {
        plain.append(text.charAt(at + 1));
        at += 2;
      } else if (c == '$' || c == '`') {
        parts.add(new Word.Part.Text(plain.toString(), true));
        plain.setLength(0);
        expansion(parts, true);
      } else {
        plain.append(c);
        at++;
      }
    }
    at = Math.min(text.length(), at + 1);
    parts.add(new Word.Part.Text(plain.toString(), true));
  }

  final void expansion(List<Word.Part> parts, boolean quoted) {
    if (at() == '`') {
      at++;
      nested(until('`').replace("\\`", "`"));
      parts.add(new Word.Part.Unknown());
      return;
    }
    at++;
    char c = at < text.length() ? at() : ' ';
    if (c == '\'' && !quoted) {
      at++;
      parts.add(new Word.Part.Text(AnsiQuotes.decode(untilUnescaped('\'')), true));
    } else if (text.startsWith("((", at)) {
      at += 2;
      balanced('(', ')');
      at = Math.min(text.length(), at + 1);
      parts.add(new Word.Part.Unknown());
    } else if (c == '(') {
      at++;
      nested(balanced('(', ')'));
      parts.add(new Word.Part.Unknown());
    } else if (c == '{') {
      at++;
      braceExpansion(balanced('{', '}'), parts);
    } else if (Character.isLetter(c) || c == '_') {
      int start = at;
      while (at < text.length() && (Character.isLetterOrDigit(at()) || at() == '_')) {
        at++;
      }
      parts.add(new Word.Part.Variable(text.substring(start, at), true));
    } else if ("0123456789@*#?$!-".indexOf(c) >= 0) {
      at++;
      parts.add(new Word.Part.Variable(String.valueOf(c), true));
    } else {
      parts.add(new Word.Part.Text("$", true));
    }
  }

  private void braceExpansion(String inside, List<Word.Part> parts) {
    Matcher name = PARAMETER.matcher(inside);
    if (!name.matches()) {
      parts.add(new Word.Part.Unknown());
      return;
    }
    substitutionsOf(name.group(2));
    parts.add(new Word.Part.Variable(name.group(1), name.group(2).isEmpty()));
  }

  final void skipTo(char stop) {
    while (at < text.length() && at() != stop) {
      at++;
    }
  }

  private String until(char stop) {
    int start = at;
    skipTo(stop);
    String inside = text.substring(start, at);
    at = Math.min(text.length(), at + 1);
    return inside;
  }

  private String untilUnescaped(char stop) {
    int start = at;
    while (at < text.length() && at() != stop) {
      at += at() == '\\' ? 2 : 1;
    }
    at = Math.min(text.length(), at);
    String inside = text.substring(start, at);
    at = Math.min(text.length(), at + 1);
    return inside;
  }

  /** From behind the opening bracket to its partner, which is consumed; quotes are respected. */
  final String balanced(char open, char close) {
    int start = at;
    int level = 1;
    while (at < text.length()) {
      char c = at();
      if (c == '\\') {
        at++;
      } else if (c == '\'') {
        at++;
        skipTo('\'');
      } else if (c == '"') {
        at++;
        while (at < text.length() && at() != '"') {
          at += at() == '\\' ? 2 : 1;
        }
      } else if (c == open) {
        level++;
      } else if (c == close && --level == 0) {
        break;
      }
      at++;
    }
    at = Math.min(text.length(), at);
    String inside = text.substring(start, at);
    at = Math.min(text.length(), at + 1);
    return inside;
  }
}
