package ai.liberclaw.agent.workspace;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a file that a request asks for (RFC 9110, 14.1.2).
 *
 * @param first offset of the first byte
 * @param length at least 1
 */
record ByteRange(long first, long length) {
  private static final Pattern SINGLE =
      Pattern.compile("\\s*bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

  /** A range nothing of which exists: the answer is 416. */
  static final class Unsatisfiable extends Exception {
    Unsatisfiable() {
      super("range not satisfiable", null, false, false);
    }
  }

  /** Empty for anything but one range of bytes; such a header is ignored, as the RFC permits. */
  static Optional<ByteRange> parse(String header, long size) throws Unsatisfiable {
    Matcher range = SINGLE.matcher(header);
    if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
      return Optional.empty();
    }
    long first;
    long last = size - 1;
    if (range.group(1).isEmpty()) {
      long count = Long.parseLong(range.group(2));
      first = count == 0 ? size : Math.max(0, size - count);
    } else {
      first = Long.parseLong(range.group(1));
      if (!range.group(2).isEmpty()) {
        long end = Long.parseLong(range.group(2));
        if (end < first) {
          return Optional.empty();
        }
        last = Math.min(last, end);
      }
    }
    if (first >= size) {
      throw new Unsatisfiable();
    }
    return Optional.of(new ByteRange(first, last - first + 1));
  }
}
