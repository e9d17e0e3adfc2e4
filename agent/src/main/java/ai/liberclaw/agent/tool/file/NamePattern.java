package ai.liberclaw.agent.tool.file;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A pattern of one name: {@code *}, {@code ?}, {@code [a-z]}, {@code [!a]}, a backslash before a
 * character that stands for itself. A leading dot is matched by a dot alone. Time grows with the
 * product of the lengths, whatever the pattern.
 */
final class NamePattern {
  private sealed interface Part {}

  private enum Any implements Part {
    /** Any characters, none too. */
    STRING,
    CHARACTER
  }

  private record Literal(int character) implements Part {}

  private record Range(int from, int to) {}

  private record OneOf(List<Range> ranges, boolean not) implements Part {
    boolean has(int character) {
      return not != ranges.stream().anyMatch(r -> r.from() <= character && character <= r.to());
    }
  }

  private final List<Part> parts = new ArrayList<>();
  private final boolean hidden;

  NamePattern(String pattern) {
    int[] text = pattern.codePoints().toArray();
    hidden = pattern.startsWith(".") || pattern.startsWith("\\.");
    int at = 0;
    while (at < text.length) {
      at = part(text, at);
    }
  }

  /** Reads one part; where the next one begins. */
  private int part(int[] text, int at) {
    return switch (text[at]) {
      case '*' -> {
        if (parts.isEmpty() || parts.getLast() != Any.STRING) {
          parts.add(Any.STRING);
        }
        yield at + 1;
      }
      case '?' -> {
        parts.add(Any.CHARACTER);
        yield at + 1;
      }
      case '[' -> {
        int end = classEnd(text, at);
        parts.add(end > 0 ? oneOf(text, at + 1, end) : new Literal('['));
        yield Math.max(end, at) + 1;
      }
      case '\\' -> {
        boolean last = at + 1 == text.length;
        parts.add(new Literal(last ? '\\' : text[at + 1]));
        yield at + (last ? 1 : 2);
      }
      default -> {
        parts.add(new Literal(text[at]));
        yield at + 1;
      }
    };
  }

  private static boolean negated(int[] text, int at) {
    return at < text.length && (text[at] == '!' || text[at] == '^');
  }

  /** Where the class that begins here ends; negative when it does not. */
  private static int classEnd(int[] text, int start) {
    int at = start + 1;
    at += negated(text, at) ? 1 : 0;
    for (int i = at + 1; i < text.length; i++) {
      if (text[i] == ']') {
        return i;
      }
    }
    return -1;
  }

  private static OneOf oneOf(int[] text, int start, int end) {
    boolean not = negated(text, start);
    List<Range> ranges = new ArrayList<>();
    for (int i = not ? start + 1 : start; i < end; i++) {
      if (i + 2 < end && text[i + 1] == '-') {
        ranges.add(new Range(text[i], text[i + 2]));
        i += 2;
      } else {
        ranges.add(new Range(text[i], text[i]));
      }
    }
    return new OneOf(ranges, not);
  }

  boolean matches(String name) {
    if (name.startsWith(".") && !hidden) {
      return false;
    }
    // The parts that may come next.
    BitSet now = new BitSet(parts.size() + 1);
    now.set(0);
    skipStrings(now);
    for (int character : name.codePoints().toArray()) {
      BitSet next = new BitSet(parts.size() + 1);
      for (int i = now.nextSetBit(0); i >= 0 && i < parts.size(); i = now.nextSetBit(i + 1)) {
        switch (parts.get(i)) {
          case Any.STRING -> next.set(i);
          case Any.CHARACTER -> next.set(i + 1);
          case Literal literal ->
              next.set(i + 1, next.get(i + 1) || literal.character() == character);
          case OneOf oneOf -> next.set(i + 1, next.get(i + 1) || oneOf.has(character));
        }
      }
      skipStrings(next);
      now = next;
    }
    return now.get(parts.size());
  }

  private void skipStrings(BitSet set) {
    for (int i = 0; i < parts.size(); i++) {
      if (set.get(i) && parts.get(i) == Any.STRING) {
        set.set(i + 1);
      }
    }
  }
}
