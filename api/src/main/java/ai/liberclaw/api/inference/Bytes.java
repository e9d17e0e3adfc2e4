package ai.liberclaw.api.inference;

import java.nio.charset.StandardCharsets;

/** Looks for ASCII words in bytes of JSON. */
final class Bytes {
  private Bytes() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Where the word begins; -1 when it is not there. */
  static int find(byte[] bytes, int from, int to, byte[] word) {
    byte first = word[0];
    int last = to - word.length;
    for (int i = from; i <= last; i++) {
      if (bytes[i] == first && matches(bytes, i, word)) {
        return i;
      }
    }
    return -1;
  }

  static boolean startsWith(byte[] bytes, int from, int to, byte[] word) {
    return to - from >= word.length && matches(bytes, from, word);
  }

  /** The first byte from there that is no blank. */
  static int skipBlanks(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
    return at;
  }

  /**
   * Whether an object has a member of this name whose value begins so. A name inside a text is not
   * found: its quotes are escaped there.
   *
   * @param name with its quotes
   */
  static boolean hasMember(byte[] json, int from, int to, byte[] name, byte[] value) {
    for (int at = find(json, from, to, name); at >= 0; at = find(json, at + 1, to, name)) {
      int colon = skipBlanks(json, at + name.length, to);
      if (colon < to && json[colon] == ':') {
        int start = skipBlanks(json, colon + 1, to);
        if (startsWith(json, start, to, value)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean matches(byte[] bytes, int at, byte[] word) {
    for (int i = 0; i < word.length; i++) {
      if (bytes[at + i] != word[i]) {
        return false;
      }
    }
    return true;
  }
}
