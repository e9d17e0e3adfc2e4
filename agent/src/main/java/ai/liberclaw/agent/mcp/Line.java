package ai.liberclaw.agent.mcp;

import java.util.regex.Pattern;

/** Text from a server on one line: no control characters, none that cannot be seen, a bound. */
final class Line {
  /** Control characters, line and paragraph separators. */
  private static final Pattern BREAKS = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+");

  /** Formatting, such as a change of direction; private use; halves of surrogate pairs. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cf}\\p{Co}\\p{Cs}]");

  private Line() {}

  /** At most this many characters; a text that is longer ends in {@code …}. */
  static String of(String text, int lengthMax) {
    // Cut before the work, too: a server may send megabytes.
    String some = text.length() > 4 * lengthMax ? text.substring(0, 4 * lengthMax) : text;
    String line = BREAKS.matcher(UNSEEN.matcher(some).replaceAll("")).replaceAll(" ").strip();
    if (line.length() <= lengthMax && some.length() == text.length()) {
      return line;
    }
    int end = Math.min(line.length(), lengthMax - 1);
    if (end > 0 && Character.isHighSurrogate(line.charAt(end - 1))) {
      end--;
    }
    return line.substring(0, end) + "…";
  }
}
