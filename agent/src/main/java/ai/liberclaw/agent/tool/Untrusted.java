package ai.liberclaw.agent.tool;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Marks text that comes from outside, so that the model can tell it from what its owner says. Both
 * ends carry a mark that was drawn for this text, so it cannot end its own block.
 */
public final class Untrusted {
  private static final int MARK_BYTES = 6;
  private static final int SOURCE_LENGTH_MAX = 300;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Untrusted() {}

  /**
   * The text in its block.
   *
   * @param source where it comes from, such as a URL; shown on one line
   */
  public static String wrap(String source, String text) {
    String mark = mark();
    while (text.contains(mark)) {
      mark = mark();
    }
    String line = Cut.head(source.replaceAll("[\\p{Cntrl}\\s\\[\\]]+", " "), SOURCE_LENGTH_MAX);
    return "[untrusted content from "
        + line.strip()
        + ", mark "
        + mark
        + "]\n"
        + text
        + "\n[end of untrusted content, mark "
        + mark
        + "]";
  }

  private static String mark() {
    byte[] bytes = new byte[MARK_BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
