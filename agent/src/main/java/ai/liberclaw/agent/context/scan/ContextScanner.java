package ai.liberclaw.agent.context.scan;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leaves out of a text what reads like an attempt to direct the model: a habit that catches the
 * clumsy, and no protection. Only for what the agent's own files say, never for what its owner has
 * written. What did not change is not looked through again.
 */
public final class ContextScanner {
  /** More texts than an agent shows; only a fault would make it this many. */
  private static final int REMEMBERED_MAX = 200;

  private static final Pattern HIDING =
      Pattern.compile(
          "<(\\w{1,20})\\b[^<>]{0,300}?(?:display\\s*:\\s*none|visibility\\s*:\\s*hidden"
              + "|font-size\\s*:\\s*0|\\shidden\\b)[^<>]{0,300}>",
          Pattern.CASE_INSENSITIVE);

  private final boolean enabled;
  private final Map<String, Scanned> known = new ConcurrentHashMap<>();

  private record Scanned(String text, String result) {}

  /**
   * @param enabled false lets everything through
   */
  public ContextScanner(boolean enabled) {
    this.enabled = enabled;
  }

  /** Whether a line reads like an attempt to direct the model. */
  public static boolean suspicious(String line) {
    return Suspicion.of(line).isPresent();
  }

  /**
   * The text as it may be shown: the same, or with passages replaced and a first line that says so.
   *
   * @param source names the text, such as its file
   */
  public String scan(String source, String text) {
    if (!enabled || text.isEmpty()) {
      return text;
    }
    Scanned before = known.get(source);
    if (before != null && before.text.equals(text)) {
      return before.result;
    }
    if (known.size() >= REMEMBERED_MAX) {
      known.clear();
    }
    String result = new Scan(source).of(text);
    known.put(source, new Scanned(text, result));
    return result;
  }

  /** One look through one text. */
  private static final class Scan {
    private final String source;
    private int blocked;

    Scan(String source) {
      this.source = source;
    }

    String of(String text) {
      StringBuilder out = new StringBuilder();
      for (String line : withoutHidden(withoutComments(text)).split("\n", -1)) {
        out.append(out.isEmpty() ? "" : "\n");
        out.append(Suspicion.of(line).map(found -> blocked(found.reason())).orElse(line));
      }
      if (blocked == 0) {
        return text;
      }
      return "[Context scanner: "
          + blocked
          + (blocked == 1 ? " passage" : " passages")
          + " of "
          + source
          + " left out. The file itself is unchanged.]\n"
          + out;
    }

    private String withoutComments(String text) {
      StringBuilder out = new StringBuilder();
      int from = 0;
      for (int start = text.indexOf("<!--"); start >= 0; start = text.indexOf("<!--", from)) {
        int end = text.indexOf("-->", start + 4);
        out.append(text, from, start).append(blocked("hidden comment"));
        from = end < 0 ? lineEnd(text, start) : end + 3;
      }
      return out.append(text, from, text.length()).toString();
    }

    private String withoutHidden(String text) {
      StringBuilder out = new StringBuilder();
      String lower = text.toLowerCase(Locale.ROOT);
      Matcher opening = HIDING.matcher(text);
      int from = 0;
      while (opening.find(from)) {
        String closing = "</" + opening.group(1).toLowerCase(Locale.ROOT);
        int end = lower.length() == text.length() ? lower.indexOf(closing, opening.end()) : -1;
        int after = end < 0 ? -1 : text.indexOf('>', end);
        out.append(text, from, opening.start()).append(blocked("hidden text"));
        from = after < 0 ? lineEnd(text, opening.end()) : after + 1;
      }
      return out.append(text, from, text.length()).toString();
    }

    private static int lineEnd(String text, int from) {
      int end = text.indexOf('\n', from);
      return end < 0 ? text.length() : end;
    }

    private String blocked(String reason) {
      blocked++;
      return "[BLOCKED: " + reason + " in " + source + "]";
    }
  }
}
