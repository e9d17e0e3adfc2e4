package ai.liberclaw.agent.telegram;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model's Markdown as the HTML that the Bot API understands
 * (core.telegram.org/bots/api#html-style). Any text gives well-formed HTML; entities other than
 * code blocks, tables and quotes do not leave their line.
 */
final class TelegramHtml {
  private static final Pattern FENCE = Pattern.compile(" {0,3}(`{3,}|~{3,})\\s*([^`\\s]*)[^`]*");
  private static final Pattern HEADING = Pattern.compile(" {0,3}#{1,6}\\s+(\\S.*)");
  private static final Pattern BULLET = Pattern.compile("(\\s*)[-*+]\\s+(.*)");
  private static final Pattern QUOTE = Pattern.compile(" {0,3}> ?(.*)");
  private static final Pattern ROW = Pattern.compile("\\s*\\|.*\\|\\s*");
  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z0-9+#._-]{1,30}");

  private final List<String> lines;
  private final List<String> out = new ArrayList<>();
  private int at;

  private TelegramHtml(String markdown) {
    this.lines = List.of(markdown.split("\n", -1));
  }

  static String of(String markdown) {
    return new TelegramHtml(markdown).convert();
  }

  /** What opens a code block in this line, or closes it; empty for any other line. */
  static String fence(String line) {
    Matcher fence = FENCE.matcher(line);
    return fence.matches() ? fence.group(1) : "";
  }

  /** True when the line closes a block that this fence opened. */
  static boolean closes(String line, String opened) {
    String fence = line.strip();
    return fence.length() >= opened.length() && fence.chars().allMatch(c -> c == opened.charAt(0));
  }

  private String convert() {
    while (at < lines.size()) {
      String line = lines.get(at);
      if (!fence(line).isEmpty()) {
        codeBlock(line);
      } else if (ROW.matcher(line).matches()) {
        table();
      } else if (QUOTE.matcher(line).matches()) {
        quote();
      } else {
        out.add(line(line));
        at++;
      }
    }
    return String.join("\n", out);
  }

  private void codeBlock(String first) {
    Matcher fence = FENCE.matcher(first);
    String language = fence.matches() ? fence.group(2) : "";
    String opened = fence(first);
    List<String> code = new ArrayList<>();
    at++;
    while (at < lines.size() && !closes(lines.get(at), opened)) {
      code.add(lines.get(at));
      at++;
    }
    at++;
    String text = InlineMarkdown.escape(String.join("\n", code));
    if (text.isBlank()) {
      return;
    }
    out.add(
        LANGUAGE.matcher(language).matches()
            ? "<pre><code class=\"language-" + language + "\">" + text + "</code></pre>"
            : "<pre>" + text + "</pre>");
  }

  private void table() {
    List<String> rows = new ArrayList<>();
    while (at < lines.size() && ROW.matcher(lines.get(at)).matches()) {
      rows.add(lines.get(at).strip());
      at++;
    }
    out.add("<pre>" + InlineMarkdown.escape(String.join("\n", rows)) + "</pre>");
  }

  private void quote() {
    List<String> quoted = new ArrayList<>();
    while (at < lines.size()) {
      Matcher quote = QUOTE.matcher(lines.get(at));
      if (!quote.matches()) {
        break;
      }
      quoted.add(line(quote.group(1)));
      at++;
    }
    String text = String.join("\n", quoted);
    out.add(text.isBlank() ? text : "<blockquote>" + text + "</blockquote>");
  }

  private static String line(String line) {
    if (isRule(line)) {
      return "\u2014\u2014\u2014";
    }
    Matcher heading = HEADING.matcher(line);
    if (heading.matches()) {
      return "<b>" + InlineMarkdown.html(heading.group(1).strip().replace("**", "")) + "</b>";
    }
    Matcher bullet = BULLET.matcher(line);
    if (bullet.matches()) {
      return bullet.group(1) + "\u2022 " + InlineMarkdown.html(bullet.group(2));
    }
    return InlineMarkdown.html(line);
  }

  /** A line across the page: three or more of one mark, and nothing else. */
  private static boolean isRule(String line) {
    String marks = line.replaceAll("\\s", "");
    return marks.length() >= 3
        && "-*_".indexOf(marks.charAt(0)) >= 0
        && marks.chars().allMatch(c -> c == marks.charAt(0));
  }
}
