package ai.liberclaw.agent.context;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The block between two lines {@code ---} at the start of a text: the small part of YAML that
 * skills use (text, quoted text, folded text, and lists inline or by item). Never fails: what it
 * does not understand is not there.
 */
final class FrontMatter {
  private static final String FENCE = "---";

  private final Map<String, List<String>> values = new HashMap<>();
  private final int bodyStart;

  private FrontMatter(int bodyStart) {
    this.bodyStart = bodyStart;
  }

  /** Of a text without front matter, or with one that never ends, nothing is known. */
  static FrontMatter of(List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().strip().equals(FENCE)) {
      return new FrontMatter(0);
    }
    int end = 1;
    while (end < lines.size() && !lines.get(end).strip().equals(FENCE)) {
      end++;
    }
    if (end == lines.size()) {
      return new FrontMatter(0);
    }
    FrontMatter front = new FrontMatter(end + 1);
    front.read(lines.subList(1, end));
    return front;
  }

  /** Index of the first line after the block. */
  int bodyStart() {
    return bodyStart;
  }

  /** Empty when there is none. */
  String text(String key) {
    return String.join(" ", values.getOrDefault(key, List.of()));
  }

  List<String> list(String key) {
    List<String> items = values.getOrDefault(key, List.of());
    if (items.size() == 1 && items.getFirst().startsWith("[") && items.getFirst().endsWith("]")) {
      String inside = items.getFirst().substring(1, items.getFirst().length() - 1);
      items = List.of(inside.split(","));
    }
    return items.stream().map(FrontMatter::unquoted).filter(item -> !item.isEmpty()).toList();
  }

  private void read(List<String> lines) {
    List<String> current = new ArrayList<>();
    for (String raw : lines) {
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("- ")) {
        current.add(unquoted(line.substring(2)));
      } else if (Character.isWhitespace(raw.charAt(0))) {
        current.add(line);
      } else {
        int colon = line.indexOf(':');
        if (colon > 0) {
          current = new ArrayList<>();
          values.put(line.substring(0, colon).strip().toLowerCase(Locale.ROOT), current);
          String value = line.substring(colon + 1).strip();
          if (!value.isEmpty() && !value.matches("[>|][+-]?")) {
            current.add(unquoted(value));
          }
        }
      }
    }
  }

  private static String unquoted(String value) {
    String text = value.strip();
    if (text.length() >= 2
        && (text.charAt(0) == '"' || text.charAt(0) == '\'')
        && text.charAt(text.length() - 1) == text.charAt(0)) {
      return text.substring(1, text.length() - 1);
    }
    return text;
  }
}
