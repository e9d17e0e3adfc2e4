package ai.liberclaw.agent.memory;

import ai.liberclaw.agent.tool.Cut;

/**
 * One thing the agent remembers.
 *
 * @param kind what sort of thing, one word or two, such as {@code preference}
 * @param source where it comes from, as far as known
 * @param archived kept, but no longer shown by itself
 * @param createdAt ISO-8601 UTC
 */
public record Fact(
    long id, String kind, String content, String source, boolean archived, String createdAt) {
  /** Longest content, in characters. */
  public static final int CONTENT_CHARS_MAX = 2_000;

  /** What a source begins with that was not the user. */
  static final String UNTRUSTED = "untrusted: ";

  static final int KIND_CHARS_MAX = 40;
  static final int SOURCE_CHARS_MAX = 400;

  /** How the model is reminded of it. */
  String line() {
    int from = source.indexOf(UNTRUSTED);
    String warning = from < 0 ? "" : " (" + source.substring(from) + ")";
    return "- [" + kind + "] " + oneLine(content, CONTENT_CHARS_MAX) + warning;
  }

  /** How it is listed by a search. */
  String hit() {
    String day = createdAt.substring(0, Math.min(10, createdAt.length()));
    return "#"
        + id
        + " ["
        + kind
        + "] "
        + content
        + " ("
        + day
        + ", "
        + source
        + (archived ? ", archived" : "")
        + ")";
  }

  static String oneLine(String text, int charsMax) {
    return Cut.head(text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip(), charsMax);
  }
}
