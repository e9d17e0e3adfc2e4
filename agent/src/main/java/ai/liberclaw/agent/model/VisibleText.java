package ai.liberclaw.agent.model;

/**
 * Lets through what a reader may see of a reply that comes in pieces: {@code <think>…</think>}
 * spans are dropped, wherever the pieces are cut, and no piece ends inside a surrogate pair.
 */
final class VisibleText {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  private final ReplyListener listener;
  private final StringBuilder text = new StringBuilder();
  private String held = "";
  private boolean thinking;
  private boolean afterThought;

  VisibleText(ReplyListener listener) {
    this.listener = listener;
  }

  void append(String piece) {
    String rest = held.isEmpty() ? piece : held + piece;
    held = "";
    while (!rest.isEmpty()) {
      String tag = thinking ? CLOSE : OPEN;
      int at = rest.indexOf(tag);
      if (at < 0) {
        int open = rest.length() - partOf(tag, rest);
        if (!thinking) {
          if (open > 0 && Character.isHighSurrogate(rest.charAt(open - 1))) {
            open--;
          }
          show(rest.substring(0, open));
        }
        held = rest.substring(open);
        return;
      }
      if (thinking) {
        afterThought = text.isEmpty();
      } else {
        show(rest.substring(0, at));
      }
      thinking = !thinking;
      rest = rest.substring(at + tag.length());
    }
  }

  /** The whole visible text; nothing may be appended afterwards. */
  String finish() {
    if (!thinking && !held.isEmpty()) {
      show(held);
    }
    held = "";
    return text.toString();
  }

  private void show(String visible) {
    String piece = afterThought ? visible.stripLeading() : visible;
    if (!piece.isEmpty()) {
      afterThought = false;
      text.append(piece);
      listener.textDelta(piece);
    }
  }

  /** How many characters at the end of the text could be the beginning of the tag. */
  private static int partOf(String tag, String text) {
    for (int length = Math.min(tag.length() - 1, text.length()); length > 0; length--) {
      if (text.regionMatches(text.length() - length, tag, 0, length)) {
        return length;
      }
    }
    return 0;
  }
}
