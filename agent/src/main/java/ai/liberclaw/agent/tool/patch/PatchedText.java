package ai.liberclaw.agent.tool.patch;

import ai.liberclaw.agent.tool.file.FileFault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A file's content with hunks applied. Every old line must be there exactly; where the lines lie
 * may have shifted, the nearest place counts, as with patch and git. Two things are forgiven: a
 * patch written with LF for a file of CRLF lines, and a last line without its end.
 */
final class PatchedText {
  /** Comparisons of lines, so that a hostile patch ends too. */
  private static final long WORK_MAX = 50_000_000;

  private final String name;
  private final String content;
  private final int[] starts;
  private final boolean crlf;
  private final StringBuilder out = new StringBuilder();
  private long work;

  private PatchedText(String name, String content) {
    this.name = name;
    this.content = content;
    this.starts = starts(content);
    int end = content.indexOf('\n');
    this.crlf = end > 0 && content.charAt(end - 1) == '\r';
  }

  /**
   * Applies them.
   *
   * @param content bytes as characters
   */
  static String of(String name, String content, List<FilePatch.Hunk> hunks) throws FileFault {
    PatchedText text = new PatchedText(name, content);
    int next = 0;
    int drift = 0;
    for (int i = 0; i < hunks.size(); i++) {
      FilePatch.Hunk hunk = hunks.get(i);
      List<FilePatch.Line> old = hunk.old();
      int expected = Math.max(0, old.isEmpty() ? hunk.oldStart() : hunk.oldStart() - 1);
      int place = text.find(old, expected + drift, next);
      if (place < 0) {
        throw text.mismatch(hunk, old, i + 1, Math.max(expected + drift, next));
      }
      text.copy(next, place);
      text.write(hunk, place);
      next = place + old.size();
      drift = place - expected;
    }
    text.copy(next, text.count());
    return text.out.toString();
  }

  private static int[] starts(String content) {
    int[] starts = new int[64];
    int count = 0;
    int at = 0;
    while (at < content.length()) {
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, count * 2);
      }
      starts[count++] = at;
      int end = content.indexOf('\n', at);
      at = end < 0 ? content.length() : end + 1;
    }
    return Arrays.copyOf(starts, count);
  }

  private int count() {
    return starts.length;
  }

  private int end(int line) {
    return line + 1 < starts.length ? starts[line + 1] : content.length();
  }

  private String line(int line) {
    int end = end(line);
    return content.substring(starts[line], content.charAt(end - 1) == '\n' ? end - 1 : end);
  }

  private boolean same(int line, FilePatch.Line wanted) throws FileFault {
    if (++work > WORK_MAX) {
      throw new FileFault(
          "the patch for " + name + " takes too much searching; apply smaller ones");
    }
    int start = starts[line];
    int end = end(line);
    boolean newline = content.charAt(end - 1) == '\n';
    int length = (newline ? end - 1 : end) - start;
    if (!wanted.newline() && newline) {
      return false;
    }
    String text = wanted.text();
    if (length == text.length() + 1 && crlf && content.charAt(start + length - 1) == '\r') {
      length--;
    }
    return length == text.length() && content.startsWith(text, start);
  }

  private boolean matches(List<FilePatch.Line> old, int place) throws FileFault {
    for (int i = 0; i < old.size(); i++) {
      if (!same(place + i, old.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The nearest place where all these lines are; negative when there is none. */
  private int find(List<FilePatch.Line> old, int expected, int first) throws FileFault {
    int last = count() - old.size();
    if (old.isEmpty()) {
      return expected >= first && expected <= last ? expected : -1;
    }
    if (last < first) {
      return -1;
    }
    int start = Math.clamp(expected, first, last);
    int farthest = Math.max(start - first, last - start);
    for (int distance = 0; distance <= farthest; distance++) {
      int after = start + distance;
      if (after >= first && after <= last && matches(old, after)) {
        return after;
      }
      int before = start - distance;
      if (distance > 0 && before >= first && before <= last && matches(old, before)) {
        return before;
      }
    }
    return -1;
  }

  private void copy(int from, int to) {
    if (from < to) {
      out.append(content, starts[from], end(to - 1));
    }
  }

  private void write(FilePatch.Hunk hunk, int place) {
    int at = place;
    for (FilePatch.Line line : hunk.lines()) {
      switch (line.kind()) {
        case ' ' -> {
          endLine();
          out.append(content, starts[at], end(at));
          at++;
        }
        case '-' -> at++;
        default -> {
          endLine();
          out.append(line.text());
          if (line.newline()) {
            out.append(crlf && !line.text().endsWith("\r") ? "\r\n" : "\n");
          }
        }
      }
    }
  }

  /** What was the last line, without an end, has others after it now. */
  private void endLine() {
    if (!out.isEmpty() && out.charAt(out.length() - 1) != '\n') {
      out.append(crlf ? "\r\n" : "\n");
    }
  }

  private FileFault mismatch(
      FilePatch.Hunk hunk, List<FilePatch.Line> old, int number, int expected) throws FileFault {
    String which =
        "hunk " + number + " ('" + PatchReader.shown(hunk.header()) + "') does not fit " + name;
    String again = "; read the file again and make the patch from its present content";
    for (int i = 0; i < old.size(); i++) {
      if (expected + i >= count()) {
        return new FileFault(which + ": the file has only " + count() + " lines" + again);
      }
      if (!same(expected + i, old.get(i))) {
        return new FileFault(
            which
                + ": line "
                + (expected + i + 1)
                + " of the file is '"
                + PatchReader.shown(line(expected + i))
                + "', but the patch expects '"
                + PatchReader.shown(old.get(i).text())
                + "'"
                + again);
      }
    }
    return new FileFault(which + again);
  }

  static byte[] bytes(String content) {
    return content.getBytes(StandardCharsets.ISO_8859_1);
  }
}
