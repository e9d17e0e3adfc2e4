package ai.liberclaw.agent.tool;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** The output of a program as a model gets it: as text, or told that it is none. */
final class OutputText {
  /** Characters that may be undecodable, of a hundred, before output counts as binary. */
  private static final int UNDECODABLE_PERCENT_MAX = 5;

  private static final int BUFFER_LENGTH = 16 * 1024;

  private OutputText() {}

  /**
   * Adds what a program wrote.
   *
   * @param title before it, when there is anything
   * @param bytes opens it; asked twice
   */
  static void append(BoundedText text, String title, Supplier<InputStream> bytes)
      throws IOException {
    long[] seen = new long[3];
    read(
        bytes,
        buffer -> {
          for (int i = 0; i < buffer.length(); i++) {
            char c = buffer.charAt(i);
            seen[0]++;
            seen[1] += c == '\uFFFD' ? 1 : 0;
            seen[2] += c == 0 ? 1 : 0;
          }
        });
    if (seen[0] == 0) {
      return;
    }
    text.newLine().append(title);
    if (seen[2] > 0 || seen[1] * 100 > seen[0] * UNDECODABLE_PERCENT_MAX) {
      text.append(
          "[binary output of about "
              + seen[0]
              + " bytes, not shown; send it to a file and look at it with file, xxd or base64]");
      return;
    }
    read(bytes, text::append);
  }

  @FunctionalInterface
  private interface Part {
    void take(CharBuffer text);
  }

  private static void read(Supplier<InputStream> bytes, Part part) throws IOException {
    char[] buffer = new char[BUFFER_LENGTH];
    try (Reader reader = new InputStreamReader(bytes.get(), StandardCharsets.UTF_8)) {
      int count;
      while ((count = reader.read(buffer)) > 0) {
        part.take(CharBuffer.wrap(buffer, 0, count));
      }
    }
  }
}
