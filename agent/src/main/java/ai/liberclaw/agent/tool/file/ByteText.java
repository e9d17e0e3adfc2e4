package ai.liberclaw.agent.tool.file;

import java.util.ArrayList;
import java.util.List;

/** Searching in bytes, in time linear in their number whatever they are. */
final class ByteText {
  private ByteText() {}

  /** Where a text occurs, without overlaps; Knuth, Morris and Pratt. */
  static List<Integer> occurrences(byte[] content, byte[] wanted) {
    List<Integer> found = new ArrayList<>();
    int[] fallback = new int[wanted.length];
    for (int i = 1, k = 0; i < wanted.length; i++) {
      while (k > 0 && wanted[i] != wanted[k]) {
        k = fallback[k - 1];
      }
      k += wanted[i] == wanted[k] ? 1 : 0;
      fallback[i] = k;
    }
    for (int i = 0, k = 0; i < content.length; i++) {
      while (k > 0 && content[i] != wanted[k]) {
        k = fallback[k - 1];
      }
      k += content[i] == wanted[k] ? 1 : 0;
      if (k == wanted.length) {
        found.add(i - wanted.length + 1);
        k = 0;
      }
    }
    return found;
  }

  /** The content with another text at these places. */
  static byte[] replaced(byte[] content, List<Integer> places, int length, byte[] by) {
    long size = content.length + (long) places.size() * (by.length - length);
    byte[] out = new byte[Math.toIntExact(size)];
    int from = 0;
    int to = 0;
    for (int place : places) {
      System.arraycopy(content, from, out, to, place - from);
      to += place - from;
      System.arraycopy(by, 0, out, to, by.length);
      to += by.length;
      from = place + length;
    }
    System.arraycopy(content, from, out, to, content.length - from);
    return out;
  }
}
