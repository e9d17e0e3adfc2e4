package ai.liberclaw.agent.context;

/** Parts of text that never begin or end inside a surrogate pair. */
final class Texts {
  private Texts() {}

  /** The first characters of a text, at most {@code charsMax}. */
  static String head(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    int end = Math.max(0, charsMax);
    if (end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** The last characters of a text, at most {@code charsMax}. */
  static String tail(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    int start = text.length() - Math.max(0, charsMax);
    if (start < text.length() && Character.isLowSurrogate(text.charAt(start))) {
      start++;
    }
    return text.substring(start);
  }

  /** Everything on one line, without control characters. */
  static String oneLine(String text, int charsMax) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= charsMax ? line : head(line, charsMax - 1) + "…";
  }
}
