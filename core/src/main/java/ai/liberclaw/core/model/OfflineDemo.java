package ai.liberclaw.core.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A demo that needs no network: it says what it is, and calls the tools it is told to. No
 * intelligence is in it; the same conversation always gets the same words.
 *
 * <p>Each line {@code /tool <name> <json>} of the newest user message is one call of the first
 * answer, name and text passed as written; the second answer reports the results.
 */
public final class OfflineDemo {
  /** What the model is called. */
  public static final String MODEL = "offline-demo";

  private static final String LABEL = "[Offline demo model]";
  private static final String COMMAND = "/tool";
  private static final String HEARTBEAT_OK = "HEARTBEAT_OK";

  /** How messages begin that an agent adds in the user's name. */
  private static final List<String> ADDED =
      List.of("[Context update]", "[Images returned by tools: ");

  private static final int QUOTE_LENGTH_MAX = 300;
  private static final int RESULT_LENGTH_MAX = 8_000;
  private static final int PIECES_MAX = 40;
  private static final int PIECE_LENGTH_MIN = 12;

  private OfflineDemo() {}

  /** One entry of a conversation, as far as the demo looks at it. */
  public sealed interface Entry {
    record User(String text, int pictures) implements Entry {}

    record Assistant(List<Call> calls) implements Entry {
      public Assistant {
        calls = List.copyOf(calls);
      }
    }

    record Result(String callId, String text) implements Entry {}

    /** Rules of the conversation, which it does not read. */
    record Rules() implements Entry {}
  }

  /**
   * @param arguments as written, good JSON or not
   */
  public record Call(String id, String name, String arguments) {}

  /**
   * @param text empty when there are calls
   */
  public record Answer(String text, List<Call> calls) {
    public Answer {
      calls = List.copyOf(calls);
    }

    /** The text in a few pieces, to be shown one after the other; no character is torn. */
    public List<String> pieces() {
      List<String> pieces = new ArrayList<>();
      int step = Math.max(PIECE_LENGTH_MIN, (text.length() + PIECES_MAX - 1) / PIECES_MAX);
      int start = 0;
      while (start < text.length()) {
        int end = border(text, Math.min(text.length(), start + step));
        pieces.add(text.substring(start, end));
        start = end;
      }
      return pieces;
    }
  }

  /**
   * What it says.
   *
   * @param tools names of those that may be called
   */
  public static Answer answer(List<Entry> conversation, List<String> tools) {
    int asked = newestQuestion(conversation);
    String question =
        asked >= 0 && conversation.get(asked) instanceof Entry.User user ? said(user) : "";
    List<Entry> since = conversation.subList(asked + 1, conversation.size());
    if (since.stream().anyMatch(Entry.Result.class::isInstance)) {
      return new Answer(report(since), List.of());
    }
    List<Call> calls = tools.isEmpty() ? List.of() : calls(question);
    if (!calls.isEmpty()) {
      return new Answer("", calls);
    }
    return new Answer(
        question.contains(HEARTBEAT_OK) ? HEARTBEAT_OK + " " + LABEL : explanation(question, tools),
        List.of());
  }

  private static String said(Entry.User user) {
    return user.pictures() == 0
        ? user.text()
        : user.text() + "\n(" + user.pictures() + " pictures, which this demo cannot see)";
  }

  /** What was said, not what the agent added to it; -1 when nobody said anything. */
  private static int newestQuestion(List<Entry> conversation) {
    for (int i = conversation.size() - 1; i >= 0; i--) {
      if (conversation.get(i) instanceof Entry.User(String text, _)
          && ADDED.stream().noneMatch(text::startsWith)) {
        return i;
      }
    }
    return -1;
  }

  private static List<Call> calls(String question) {
    List<Call> calls = new ArrayList<>();
    for (String line : question.lines().toList()) {
      String[] words = line.strip().split("\\s+", 3);
      if (words.length > 1 && words[0].equals(COMMAND)) {
        calls.add(new Call(callId(), words[1], words.length > 2 ? words[2] : "{}"));
      }
    }
    return calls;
  }

  private static String callId() {
    return "call_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  private static String report(List<Entry> since) {
    Map<String, Call> calls = new HashMap<>();
    StringBuilder report = new StringBuilder(LABEL).append(" The tools answered:");
    for (Entry entry : since) {
      switch (entry) {
        case Entry.Assistant(List<Call> made) -> made.forEach(call -> calls.put(call.id(), call));
        case Entry.Result(String callId, String text) -> {
          Call call = calls.get(callId);
          report
              .append("\n\n")
              .append(
                  call == null
                      ? callId
                      : call.name() + " " + cut(call.arguments(), QUOTE_LENGTH_MAX))
              .append("\n")
              .append(cut(text, RESULT_LENGTH_MAX));
        }
        case Entry.Rules _, Entry.User _ -> {}
      }
    }
    return report.toString();
  }

  private static String explanation(String question, List<String> tools) {
    String quote = cut(question.strip(), QUOTE_LENGTH_MAX);
    return LABEL
        + " I am a small program, not a language model: I cannot think, but everything around me is"
        + " real."
        + (quote.isEmpty() ? "" : "\n\nYou said: " + quote)
        + """


        To try the agent's tools, send lines like these (one tool call each):
        /tool bash {"command":"uname -a"}
        /tool write_file {"path":"hello.txt","content":"Hello!"}
        /tool send_file {"path":"hello.txt","caption":"A first file"}
        """
        + (tools.isEmpty() ? "" : "\nTools here: " + String.join(", ", tools) + "\n")
        + """

        To talk to a real model, set LIBERTAI_API_KEY (and MODEL_PROVIDER=openai or auto), or run \
        Ollama on this machine with a model that can use tools, and start again.\
        """;
  }

  private static String cut(String text, int lengthMax) {
    if (text.length() <= lengthMax) {
      return text;
    }
    return text.substring(0, border(text, lengthMax)) + "… (" + text.length() + " characters)";
  }

  /** The place at or just after {@code index} that splits no surrogate pair. */
  private static int border(String text, int index) {
    return index < text.length() && Character.isLowSurrogate(text.charAt(index))
        ? index + 1
        : index;
  }
}
