package ai.liberclaw.testkit.telegram;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the Bot API takes as HTML (core.telegram.org/bots/api#html-style). */
public final class HtmlRules {
  private static final Set<String> TAGS =
      Set.of("b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler");
  private static final Pattern TAG = Pattern.compile("<(/?)([a-z-]+)( [a-z]+=\"[^\"<>]*\")?>");
  private static final Pattern ENTITY = Pattern.compile("&(lt|gt|amp|quot|#[0-9]+|#x[0-9a-f]+);");

  private HtmlRules() {}

  /** Why a text is refused; empty when it is fine. */
  public static Optional<String> violation(String html) {
    Deque<String> open = new ArrayDeque<>();
    int at = 0;
    while (at < html.length()) {
      char c = html.charAt(at);
      if (c == '<') {
        Matcher tag = TAG.matcher(html).region(at, html.length());
        if (!tag.lookingAt() || !TAGS.contains(tag.group(2))) {
          return Optional.of("Unsupported start tag at byte offset " + at);
        }
        if (tag.group(1).isEmpty()) {
          open.push(tag.group(2));
        } else if (open.isEmpty() || !open.pop().equals(tag.group(2))) {
          return Optional.of("Unmatched end tag at byte offset " + at);
        }
        at = tag.end();
      } else if (c == '&' && !ENTITY.matcher(html).region(at, html.length()).lookingAt()) {
        return Optional.of("Unexpected entity at byte offset " + at);
      } else {
        at++;
      }
    }
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of("Can't find end tag corresponding to start tag " + open.peek());
  }

  /** The text that people see. */
  public static String visible(String html) {
    return TAG.matcher(html)
        .replaceAll("")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
  }
}
