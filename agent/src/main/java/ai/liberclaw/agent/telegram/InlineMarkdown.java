package ai.liberclaw.agent.telegram;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Bold, italic, struck out, code and links within one line of Markdown, as Telegram's HTML.
 * Whatever is not closed, or nested too deep, stays as it was written.
 */
final class InlineMarkdown {
  /** An entity longer than this is none: a message could not hold it. */
  private static final int ENTITY_LENGTH_MAX = 2000;

  /** How many marks are looked at for one that closes an entity. */
  private static final int CLOSES_MAX = 20;

  private static final int DEPTH_MAX = 6;
  private static final Pattern LINK = Pattern.compile("(?i)(https?://|tg://|mailto:)\\S+");
  private static final String ESCAPABLE = "\\`*_{}[]()#+-.!~|>";

  private final String text;
  private final StringBuilder out = new StringBuilder();
  private final List<Span> spans = new ArrayList<>();

  /** Where each mark is next, so that many that are not closed are not looked for again. */
  private final Map<String, Found> found = new HashMap<>();

  /** The first place of a mark from a place on; -1 for none. */
  private record Found(int from, int at) {}

  /** Where an entity with its marks is, in UTF-16 units; the end is after it. */
  record Span(int start, int end) {}

  private InlineMarkdown(String text) {
    this.text = text;
  }

  /** The line as HTML. */
  static String html(String line) {
    InlineMarkdown markdown = new InlineMarkdown(line);
    markdown.range(0, line.length(), 0);
    return markdown.out.toString();
  }

  /** The outermost entities of a line. */
  static List<Span> spans(String line) {
    InlineMarkdown markdown = new InlineMarkdown(line);
    markdown.range(0, line.length(), 0);
    return markdown.spans;
  }

  static String escape(String plain) {
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void range(int start, int end, int depth) {
    int at = start;
    while (at < end) {
      int after = depth < DEPTH_MAX ? entity(at, end, depth) : at;
      if (after > at) {
        if (depth == 0) {
          spans.add(new Span(at, after));
        }
        at = after;
        continue;
      }
      char c = text.charAt(at);
      if (c == '\\' && at + 1 < end && ESCAPABLE.indexOf(text.charAt(at + 1)) >= 0) {
        at++;
        if (depth == 0) {
          spans.add(new Span(at - 1, at + 1));
        }
        c = text.charAt(at);
      }
      out.append(escape(String.valueOf(c)));
      at++;
    }
  }

  /** Writes the entity that begins here and returns its end; the same place when none does. */
  private int entity(int at, int end, int depth) {
    return switch (text.charAt(at)) {
      case '`' -> code(at, end);
      case '[' -> link(at, at, end, depth);
      case '!' -> at + 1 < end && text.charAt(at + 1) == '[' ? link(at, at + 1, end, depth) : at;
      case '*' ->
          startsWith("**", at, end)
              ? marked(at, end, "**", "b", false, depth)
              : marked(at, end, "*", "i", true, depth);
      case '_' ->
          startsWith("__", at, end)
              ? marked(at, end, "__", "b", true, depth)
              : marked(at, end, "_", "i", true, depth);
      case '~' -> startsWith("~~", at, end) ? marked(at, end, "~~", "s", false, depth) : at;
      default -> at;
    };
  }

  private int code(int at, int end) {
    int ticks = 1;
    while (at + ticks < end && text.charAt(at + ticks) == '`') {
      ticks++;
    }
    String fence = "`".repeat(ticks);
    int close = find(fence, at + ticks, end);
    while (close >= 0 && close + ticks < end && text.charAt(close + ticks) == '`') {
      close = find(fence, close + 1, end);
    }
    String inside = close < 0 ? "" : text.substring(at + ticks, close);
    if (inside.isBlank()) {
      out.append(fence);
      return at + ticks;
    }
    out.append("<code>").append(escape(inside.strip())).append("</code>");
    return close + ticks;
  }

  private int link(int start, int bracket, int end, int depth) {
    int close = find("](", bracket + 1, end);
    int last = close < 0 ? -1 : find(")", close + 2, end);
    if (last < 0 || close == bracket + 1) {
      return start;
    }
    String address = text.substring(close + 2, last).strip();
    if (!LINK.matcher(address).matches()) {
      return start;
    }
    out.append("<a href=\"").append(escape(address).replace("\"", "&quot;")).append("\">");
    // A link in a link is none.
    range(bracket + 1, close, Math.max(depth + 1, DEPTH_MAX));
    out.append("</a>");
    return last + 1;
  }

  private int marked(int at, int end, String mark, String tag, boolean atWords, int depth) {
    int first = at + mark.length();
    if (first >= end
        || Character.isWhitespace(text.charAt(first))
        || text.charAt(first) == mark.charAt(0)
        || (atWords && at > 0 && Character.isLetterOrDigit(text.charAt(at - 1)))) {
      return at;
    }
    int looks = 0;
    for (int close = find(mark, first, end);
        close >= 0 && looks < CLOSES_MAX;
        close = find(mark, close + 1, end)) {
      looks++;
      int after = close + mark.length();
      boolean word = after < text.length() && Character.isLetterOrDigit(text.charAt(after));
      boolean longer =
          (after < end && text.charAt(after) == mark.charAt(0))
              || text.charAt(close - 1) == mark.charAt(0);
      boolean single = mark.length() == 1;
      if (Character.isWhitespace(text.charAt(close - 1))
          || text.charAt(close - 1) == '\\'
          || (atWords && word)
          || (single && longer)) {
        continue;
      }
      out.append('<').append(tag).append('>');
      range(first, close, depth + 1);
      out.append("</").append(tag).append('>');
      return after;
    }
    return at;
  }

  private boolean startsWith(String mark, int at, int end) {
    return at + mark.length() <= end && text.startsWith(mark, at);
  }

  private int find(String what, int from, int end) {
    Found known = found.get(what);
    if (known == null || known.from() > from || (known.at() >= 0 && known.at() < from)) {
      known = new Found(from, text.indexOf(what, from));
      found.put(what, known);
    }
    int limit = Math.min(end, from + ENTITY_LENGTH_MAX);
    return known.at() < 0 || known.at() + what.length() > limit ? -1 : known.at();
  }
}
