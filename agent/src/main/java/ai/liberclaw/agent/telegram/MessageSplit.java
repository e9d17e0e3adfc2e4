package ai.liberclaw.agent.telegram;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts Markdown into messages, before it becomes HTML: at blank lines, else between lines, else in
 * a long line where no entity is open. A code block that is cut is closed and opened again.
 */
final class MessageSplit {
  /** UTF-16 units of a message that the Bot API takes; here also the most its HTML may have. */
  static final int LENGTH_MAX = 4096;

  private static final int ESCAPE_LENGTH_MAX = 6;

  /** Of the tags that one mark can stand for. */
  private static final int MARK_LENGTH_MAX = 40;

  private final List<String> messages = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  /** The fence line of the code block that each line of {@link #lines} begins in; or empty. */
  private final List<String> fences = new ArrayList<>();

  private String open = "";

  private MessageSplit() {}

  /** The text in messages that are not blank; none for a blank text. */
  static List<String> of(String markdown) {
    MessageSplit split = new MessageSplit();
    for (String line : markdown.replace("\r\n", "\n").split("\n", -1)) {
      split.add(line);
    }
    split.flush(split.lines.size());
    return split.messages;
  }

  private void add(String line) {
    if (!put(line)) {
      flush(cut());
      if (!put(line)) {
        flush(lines.size());
        if (!put(line)) {
          pieces(line);
        }
      }
    }
  }

  /** Adds a line if the message still fits then. */
  private boolean put(String line) {
    String before = open;
    lines.add(line);
    fences.add(before);
    if (!before.isEmpty()) {
      open = TelegramHtml.closes(line, TelegramHtml.fence(before)) ? "" : before;
    } else if (!TelegramHtml.fence(line).isEmpty()) {
      open = line;
    }
    if (fits(message(lines.size(), open))) {
      return true;
    }
    lines.removeLast();
    fences.removeLast();
    open = before;
    return false;
  }

  /** Cuts a line that is longer than a message. */
  private void pieces(String line) {
    List<InlineMarkdown.Span> spans = open.isEmpty() ? InlineMarkdown.spans(line) : List.of();
    int from = 0;
    while (from < line.length()) {
      int low = from + 1;
      int high = line.length();
      // The longest piece that fits; longer text is never shorter as HTML by more than a mark.
      while (low < high) {
        int middle = (low + high + 1) / 2;
        if (middle - from <= LENGTH_MAX && fits(alone(line.substring(from, middle)))) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      int to = low == line.length() ? low : place(line, from, low, spans);
      if (!put(line.substring(from, to))) {
        // A piece that is no text of its own, such as a fence in a long line, goes alone.
        flush(lines.size());
        String piece = line.substring(from, to);
        if (!TelegramHtml.of(piece).isBlank()) {
          messages.add(piece);
        }
      } else if (to < line.length()) {
        flush(lines.size());
      }
      from = to;
    }
  }

  /** The best place to cut at or before the longest possible one. */
  private static int place(String line, int from, int longest, List<InlineMarkdown.Span> spans) {
    int earliest = from + Math.max(1, (longest - from) / 2);
    for (String separator : List.of(". ", " ")) {
      for (int at = line.lastIndexOf(separator, longest - separator.length());
          at >= earliest;
          at = line.lastIndexOf(separator, at - 1)) {
        int place = at + separator.length();
        if (isOutside(place, spans)) {
          return place;
        }
      }
    }
    for (int at = longest; at >= earliest; at--) {
      if (isOutside(at, spans) && !splitsPair(line, at)) {
        return at;
      }
    }
    return splitsPair(line, longest) && longest - 1 > from ? longest - 1 : longest;
  }

  private static boolean isOutside(int place, List<InlineMarkdown.Span> spans) {
    return spans.stream().noneMatch(span -> span.start() < place && place < span.end());
  }

  private static boolean splitsPair(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isHighSurrogate(text.charAt(at - 1))
        && Character.isLowSurrogate(text.charAt(at));
  }

  /** After the last blank line outside code in the second half; else all lines. */
  private int cut() {
    int length = lines.stream().mapToInt(String::length).sum();
    int seen = length;
    for (int i = lines.size() - 1; i > 0; i--) {
      seen -= lines.get(i).length();
      if (seen < length / 2) {
        break;
      }
      if (lines.get(i).isBlank() && fences.get(i).isEmpty()) {
        return i + 1;
      }
    }
    return lines.size();
  }

  /** Ends a message after so many lines. */
  private void flush(int count) {
    if (count == 0) {
      return;
    }
    String fence = count < lines.size() ? fences.get(count) : open;
    String text = message(count, fence);
    if (!TelegramHtml.of(text).isBlank()) {
      messages.add(text.stripTrailing());
    }
    lines.subList(0, count).clear();
    fences.subList(0, count).clear();
  }

  /** The first lines as a message of their own. */
  private String message(int count, String openAtEnd) {
    String text = String.join("\n", lines.subList(0, count));
    String before = fences.isEmpty() ? "" : fences.getFirst();
    String after = openAtEnd.isEmpty() ? "" : "\n" + TelegramHtml.fence(openAtEnd);
    return (before.isEmpty() ? "" : before + "\n") + text + after;
  }

  private String alone(String piece) {
    return open.isEmpty() ? piece : open + "\n" + piece + "\n" + TelegramHtml.fence(open);
  }

  private static boolean fits(String message) {
    return message.length() <= LENGTH_MAX
        && (htmlLengthMax(message) <= LENGTH_MAX
            || TelegramHtml.of(message).length() <= LENGTH_MAX);
  }

  /** What the HTML of a text cannot be longer than, without making it. */
  private static int htmlLengthMax(String message) {
    int length = 0;
    for (int i = 0; i < message.length(); i++) {
      length +=
          switch (message.charAt(i)) {
            case '&', '<', '"' -> ESCAPE_LENGTH_MAX;
            case '*', '_', '~', '`', '[', '>', '|', '#' -> MARK_LENGTH_MAX;
            default -> 1;
          };
    }
    return length;
  }
}
