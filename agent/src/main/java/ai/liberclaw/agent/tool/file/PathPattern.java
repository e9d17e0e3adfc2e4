package ai.liberclaw.agent.tool.file;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A pattern of paths: names as in {@link NamePattern}, between slashes; {@code **} for any folders
 * that are not hidden, none too; {@code {a,b}} for either.
 */
public final class PathPattern {
  static final int LENGTH_MAX = 1_000;
  static final int ALTERNATIVES_MAX = 100;

  /** What is left when braces are replaced by one of what they hold. */
  private record Alternative(List<Step> steps) {}

  private sealed interface Step {}

  private enum Folders implements Step {
    ANY
  }

  private record Named(NamePattern pattern) implements Step {}

  private final List<Alternative> alternatives = new ArrayList<>();
  private final boolean foldersOnly;

  /**
   * Reads it.
   *
   * @throws FileFault when it cannot match anything here
   */
  public PathPattern(String pattern) throws FileFault {
    if (pattern.isBlank() || pattern.length() > LENGTH_MAX) {
      throw new FileFault("the pattern must have 1 to " + LENGTH_MAX + " characters");
    }
    foldersOnly = pattern.endsWith("/");
    for (String one : expanded(pattern)) {
      List<Step> steps = new ArrayList<>();
      for (String name : one.split("/", -1)) {
        if (name.isEmpty() || name.equals(".")) {
          continue;
        }
        if (name.equals("..")) {
          throw new FileFault("the pattern must not hold '..'; name the folder in path instead");
        }
        if (!name.equals("**")) {
          steps.add(new Named(new NamePattern(name)));
        } else if (steps.isEmpty() || steps.getLast() != Folders.ANY) {
          steps.add(Folders.ANY);
        }
      }
      alternatives.add(new Alternative(steps));
    }
  }

  private static List<String> expanded(String pattern) throws FileFault {
    List<String> all = new ArrayList<>(List.of(pattern));
    for (int i = 0; i < all.size(); ) {
      List<String> inner = braces(all.get(i));
      if (inner.isEmpty()) {
        i++;
        continue;
      }
      all.remove(i);
      all.addAll(i, inner);
      if (all.size() > ALTERNATIVES_MAX) {
        throw new FileFault("the pattern has more than " + ALTERNATIVES_MAX + " alternatives");
      }
    }
    return all;
  }

  /** The first braces replaced by each of what they hold; empty when there are none. */
  private static List<String> braces(String pattern) {
    int open = pattern.indexOf('{');
    if (open < 0) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    int depth = 0;
    int start = open + 1;
    for (int i = open; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0 || (depth == 1 && c == ',')) {
        all.add(pattern.substring(0, open) + pattern.substring(start, i));
        start = i + 1;
      }
      if (depth == 0) {
        String rest = pattern.substring(i + 1);
        return all.stream().map(a -> a + rest).toList();
      }
    }
    return List.of();
  }

  /** Whether it names this file or folder. */
  public boolean matches(List<String> names, boolean folder) {
    if (foldersOnly && !folder) {
      return false;
    }
    return alternatives.stream().anyMatch(a -> after(a, names).get(a.steps().size()));
  }

  /** Whether it can name something inside this folder. */
  public boolean reachesInto(List<String> names) {
    return alternatives.stream()
        .anyMatch(a -> {
          BitSet next = after(a, names);
          return next.nextSetBit(0) >= 0 && next.nextSetBit(0) < a.steps().size();
        });
  }

  /** The steps that may come after these names. */
  private static BitSet after(Alternative alternative, List<String> names) {
    List<Step> steps = alternative.steps();
    BitSet now = new BitSet(steps.size() + 1);
    now.set(0);
    skipFolders(steps, now);
    for (String name : names) {
      BitSet next = new BitSet(steps.size() + 1);
      for (int i = now.nextSetBit(0); i >= 0 && i < steps.size(); i = now.nextSetBit(i + 1)) {
        switch (steps.get(i)) {
          case Folders.ANY -> next.set(i, next.get(i) || !name.startsWith("."));
          case Named named -> next.set(i + 1, next.get(i + 1) || named.pattern().matches(name));
        }
      }
      skipFolders(steps, next);
      now = next;
    }
    return now;
  }

  private static void skipFolders(List<Step> steps, BitSet set) {
    for (int i = 0; i < steps.size(); i++) {
      if (set.get(i) && steps.get(i) == Folders.ANY) {
        set.set(i + 1);
      }
    }
  }
}
