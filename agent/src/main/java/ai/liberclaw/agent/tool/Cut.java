package ai.liberclaw.agent.tool;

/** Ends of texts that do not split a surrogate pair. */
public final class Cut {
  private Cut() {}

  /** At most this many characters from the start. */
  public static String head(String text, int length) {
    int end = Math.min(length, text.length());
    boolean splits =
        end > 0
            && end < text.length()
            && Character.isHighSurrogate(text.charAt(end - 1))
            && Character.isLowSurrogate(text.charAt(end));
    return text.substring(0, splits ? end - 1 : end);
  }

  /** At most this many characters from the end. */
  public static String tail(String text, int length) {
    int start = Math.max(0, text.length() - length);
    boolean splits =
        start > 0
            && start < text.length()
            && Character.isLowSurrogate(text.charAt(start))
            && Character.isHighSurrogate(text.charAt(start - 1));
    return text.substring(splits ? start + 1 : start);
  }
}
