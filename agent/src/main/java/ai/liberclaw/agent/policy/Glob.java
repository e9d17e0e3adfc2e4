package ai.liberclaw.agent.policy;

/**
 * A pattern for a whole text: {@code *} stands for any characters, also none and also line breaks,
 * {@code ?} for one; every other character stands for itself.
 */
record Glob(String pattern) {
  /** Takes at most the product of both lengths, whatever the pattern. */
  boolean matches(String text) {
    int star = -1;
    int retry = 0;
    int p = 0;
    int t = 0;
    while (t < text.length()) {
      char wanted = p < pattern.length() ? pattern.charAt(p) : '\0';
      if (p < pattern.length() && wanted == '*') {
        star = p++;
        retry = t;
      } else if (p < pattern.length() && (wanted == '?' || wanted == text.charAt(t))) {
        p++;
        t++;
      } else if (star >= 0) {
        // The last star takes one character more.
        p = star + 1;
        t = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
