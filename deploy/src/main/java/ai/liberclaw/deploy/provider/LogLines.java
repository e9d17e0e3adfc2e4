package ai.liberclaw.deploy.provider;

import java.util.List;

/** Cuts what an agent's server wrote to what is shown of it. */
public final class LogLines {
  /** Most lines that are shown at once. */
  public static final int LINES_MAX = 1000;

  /** Most bytes of a log that are read for them. */
  public static final int BYTES_MAX = 256 * 1024;

  private static final int LINE_LENGTH_MAX = 4000;

  private LogLines() {}

  /**
   * The last lines of a text; longer ones are cut, and what would steer a terminal is left out.
   *
   * @param lines at least 1; more than {@value #LINES_MAX} are those
   */
  public static List<String> last(String text, int lines) {
    List<String> all = text.lines().toList();
    int shown = Math.clamp(lines, 1, LINES_MAX);
    return all.subList(Math.max(0, all.size() - shown), all.size()).stream()
        .map(LogLines::plain)
        .toList();
  }

  private static String plain(String line) {
    StringBuilder plain = new StringBuilder(Math.min(line.length(), LINE_LENGTH_MAX));
    line.codePoints()
        .filter(c -> c == '\t' || !Character.isISOControl(c))
        .limit(LINE_LENGTH_MAX)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }
}
