package ai.liberclaw.agent.tool.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lines of UTF-8 text with their line ends; a line of any length takes little memory. */
public final class LineReader {
  /** Characters shown of one line. */
  public static final int LINE_LENGTH_MAX = 2_000;

  private final Reader in;

  public LineReader(InputStream bytes) {
    in = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8), 64 * 1024);
  }

  /** The next line; one that is too long is cut, with a note of its length. */
  public Optional<String> next() throws IOException {
    StringBuilder line = new StringBuilder();
    long length = 0;
    int c;
    while ((c = in.read()) >= 0 && c != '\n') {
      length++;
      if (length <= LINE_LENGTH_MAX + 1) {
        line.append((char) c);
      }
    }
    if (c < 0 && length == 0) {
      return Optional.empty();
    }
    if (length > LINE_LENGTH_MAX + 1 || (length > LINE_LENGTH_MAX && !endsInReturn(line))) {
      boolean splits = Character.isHighSurrogate(line.charAt(LINE_LENGTH_MAX - 1));
      line.setLength(splits ? LINE_LENGTH_MAX - 1 : LINE_LENGTH_MAX);
      line.append("[... line cut, ").append(length).append(" characters]");
    }
    return Optional.of(c == '\n' ? line.append('\n').toString() : line.toString());
  }

  private static boolean endsInReturn(StringBuilder line) {
    return line.charAt(line.length() - 1) == '\r';
  }
}
