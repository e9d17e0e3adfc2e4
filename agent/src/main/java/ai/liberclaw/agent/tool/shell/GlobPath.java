package ai.liberclaw.agent.tool.shell;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A path in a command, normalised by its text alone; segments may hold globs.
 *
 * @param known false when it is relative to an unknown directory
 */
record GlobPath(boolean known, List<String> segments) {
  GlobPath {
    segments = List.copyOf(segments);
  }

  static GlobPath of(String pattern, Optional<Path> directory, Path home) {
    String path = pattern;
    List<String> segments = new ArrayList<>();
    boolean known = true;
    if (path.equals("~") || path.startsWith("~/")) {
      append(segments, home.toString());
      path = path.substring(1);
    } else if (path.equals("~root") || path.startsWith("~root/")) {
      append(segments, "/root");
      path = path.substring(5);
    } else if (!path.startsWith("/")) {
      known = directory.isPresent();
      append(segments, directory.map(Path::toString).orElse(""));
    }
    append(segments, path);
    return new GlobPath(known, segments);
  }

  private static void append(List<String> segments, String path) {
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        if (!segments.isEmpty()) {
          segments.removeLast();
        }
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
  }

  /** True when the path may stand for exactly this one. */
  boolean mayBe(String... other) {
    return known && segments.size() == other.length && startsWith(other);
  }

  boolean startsWith(String... other) {
    if (!known || segments.size() < other.length) {
      return false;
    }
    for (int i = 0; i < other.length; i++) {
      if (!matches(segments.get(i), other[i])) {
        return false;
      }
    }
    return true;
  }

  /** The last segment; empty for the root. */
  String name() {
    return segments.isEmpty() ? "" : segments.getLast();
  }

  /** The directory, when the last segment is a glob for everything in it. */
  GlobPath withoutStar() {
    boolean star = !segments.isEmpty() && segments.getLast().matches("[?.]?\\*+|\\.\\[!\\.\\]\\*");
    return star ? new GlobPath(known, segments.subList(0, segments.size() - 1)) : this;
  }

  /** Matches one name against a shell glob; a leading dot must be matched by a dot. */
  static boolean matches(String glob, String name) {
    if (name.startsWith(".") && !glob.isEmpty() && "*?[".indexOf(glob.charAt(0)) >= 0) {
      return false;
    }
    // reachable[j]: the glob so far may match the first j characters.
    boolean[] reachable = new boolean[name.length() + 1];
    reachable[0] = true;
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      boolean[] next = new boolean[name.length() + 1];
      boolean any = c == '?';
      if (c == '*') {
        boolean seen = false;
        for (int j = 0; j <= name.length(); j++) {
          seen |= reachable[j];
          next[j] = seen;
        }
        reachable = next;
        continue;
      }
      if (c == '[' && glob.indexOf(']', i + 2) > 0) {
        // Which characters it lists does not matter to a guard: it may be the one.
        i = glob.indexOf(']', i + 2);
        any = true;
      } else if (c == '\\' && i + 1 < glob.length()) {
        c = glob.charAt(++i);
      }
      for (int j = 0; j < name.length(); j++) {
        next[j + 1] = reachable[j] && (any || name.charAt(j) == c);
      }
      reachable = next;
    }
    return reachable[name.length()];
  }

  static boolean matchesAny(String glob, List<String> names) {
    return names.stream().anyMatch(name -> matches(glob, name));
  }

  static boolean matchesAny(String glob, String... names) {
    return matchesAny(glob, Arrays.asList(names));
  }
}
