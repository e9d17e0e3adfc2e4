package ai.liberclaw.agent.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many lines were added and removed between two texts: the length of the shortest edit script
 * (Myers, "An O(ND) Difference Algorithm", 1986). Texts that differ more than it is willing to
 * follow count as rewritten between their common ends.
 */
record LineChanges(int added, int removed) {
  private static final int STEPS_MAX = 2_000;

  static LineChanges between(String before, String after) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] a = lines(before, numbers);
    int[] b = lines(after, numbers);
    int start = 0;
    while (start < a.length && start < b.length && a[start] == b[start]) {
      start++;
    }
    int endA = a.length;
    int endB = b.length;
    while (endA > start && endB > start && a[endA - 1] == b[endB - 1]) {
      endA--;
      endB--;
    }
    int[] middleA = Arrays.copyOfRange(a, start, endA);
    int[] middleB = Arrays.copyOfRange(b, start, endB);
    int edits = distance(middleA, middleB);
    int added = (edits + middleB.length - middleA.length) / 2;
    return new LineChanges(added, edits - added);
  }

  private static int[] lines(String text, Map<String, Integer> numbers) {
    List<Integer> lines = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      end = end < 0 ? text.length() : end + 1;
      lines.add(numbers.computeIfAbsent(text.substring(at, end), _ -> numbers.size()));
      at = end;
    }
    return lines.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int distance(int[] a, int[] b) {
    int most = Math.min(a.length + b.length, STEPS_MAX);
    int[] furthest = new int[2 * most + 3];
    int zero = most + 1;
    for (int d = 0; d <= most; d++) {
      for (int k = -d; k <= d; k += 2) {
        boolean down = k == -d || (k != d && furthest[zero + k - 1] < furthest[zero + k + 1]);
        int x = down ? furthest[zero + k + 1] : furthest[zero + k - 1] + 1;
        int y = x - k;
        while (x < a.length && y < b.length && a[x] == b[y]) {
          x++;
          y++;
        }
        furthest[zero + k] = x;
        if (x >= a.length && y >= b.length) {
          return d;
        }
      }
    }
    return a.length + b.length;
  }
}
