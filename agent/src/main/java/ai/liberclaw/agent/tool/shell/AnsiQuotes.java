package ai.liberclaw.agent.tool.shell;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The escapes of bash's {@code $'…'} words (bash manual, "ANSI-C Quoting"). */
final class AnsiQuotes {
  private static final Pattern ESCAPE =
      Pattern.compile(
          "\\\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))",
          Pattern.DOTALL);

  private AnsiQuotes() {}

  static String decode(String inside) {
    return ESCAPE.matcher(inside).replaceAll(m -> Matcher.quoteReplacement(one(m)));
  }

  private static String one(java.util.regex.MatchResult m) {
    for (int group = 1; group <= 3; group++) {
      if (m.group(group) != null) {
        return codePoint(Integer.parseUnsignedInt(m.group(group), 16));
      }
    }
    if (m.group(4) != null) {
      return codePoint(Integer.parseInt(m.group(4), 8));
    }
    return switch (m.group(5)) {
      case "n" -> "\n";
      case "t" -> "\t";
      case "r" -> "\r";
      case "a", "b", "e", "E", "f", "v" -> " ";
      default -> m.group(5);
    };
  }

  private static String codePoint(int code) {
    return Character.isValidCodePoint(code) ? Character.toString(code) : "\uFFFD";
  }
}
