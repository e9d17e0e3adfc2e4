package ai.liberclaw.agent.tool.grep;

import java.util.ArrayList;
import java.util.List;

/** The lines of a result while they are found. */
public final class GrepResult {
  /** Characters shown of one line. */
  static final int LINE_LENGTH_MAX = 500;

  private final GrepQuery query;
  private final List<String> lines = new ArrayList<>();
  private boolean full;
  private boolean timedOut;

  GrepResult(GrepQuery query) {
    this.query = query;
  }

  /** Adds a matching line; false when that is all. */
  boolean match(String path, long line, String text) {
    String shown = text.length() > LINE_LENGTH_MAX ? cut(text) : text;
    return add(path + ":" + line + ":" + shown);
  }

  private static String cut(String text) {
    boolean splits = Character.isHighSurrogate(text.charAt(LINE_LENGTH_MAX - 1));
    return text.substring(0, splits ? LINE_LENGTH_MAX - 1 : LINE_LENGTH_MAX) + "[... line cut]";
  }

  /** Adds a file with the number of its lines that match; false when that is all. */
  boolean file(String path, long count) {
    return add(query.mode() == GrepQuery.Mode.COUNT ? path + ":" + count : path);
  }

  private boolean add(String line) {
    if (lines.size() == query.limit()) {
      full = true;
      return false;
    }
    lines.add(line);
    return true;
  }

  boolean full() {
    return full;
  }

  void timedOut() {
    timedOut = true;
  }

  /** As the model gets it. */
  public String text() {
    List<String> all = new ArrayList<>(lines);
    if (full) {
      all.add("[stopped at the limit of " + query.limit() + "; there are more]");
    }
    if (timedOut) {
      all.add(
          "[stopped after "
              + query.timeMax().toSeconds()
              + " s, not everything was searched; use a narrower path or a simpler pattern]");
    }
    return all.isEmpty() ? "(no matches)" : String.join("\n", all);
  }
}
