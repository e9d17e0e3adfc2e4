package ai.liberclaw.agent.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A demo that needs no network: it says what it is, streams, and calls the tools it is told to. No
 * intelligence is in it; the same conversation always gets the same words.
 *
 * <p>Each line {@code /tool <name> <json>} of the newest user message is one call of the first
 * reply, name and text passed as written; the second reply reports the results.
 */
public final class OfflineModel implements Model {
  private static final String LABEL = "[Offline demo model]";
  private static final String COMMAND = "/tool";
  private static final String CONTEXT_UPDATE = "[Context update]";
  private static final String HEARTBEAT_OK = "HEARTBEAT_OK";
  private static final int QUOTE_LENGTH_MAX = 300;
  private static final int RESULT_LENGTH_MAX = 8_000;
  private static final int DELTAS_MAX = 40;
  private static final int DELTA_LENGTH_MIN = 12;

  private final Duration pause;

  /**
   * @param pause between two deltas, so that people see the text grow; zero for none
   */
  public OfflineModel(Duration pause) {
    this.pause = pause;
  }

  @Override
  public String provider() {
    return "offline";
  }

  @Override
  public String name() {
    return "offline-demo";
  }

  @Override
  public Reply reply(ModelRequest request, ReplyListener listener) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    List<Message> messages = request.messages();
    int asked = newestUserMessage(messages);
    String question = asked < 0 ? "" : said(messages.get(asked));
    List<Message> since = messages.subList(asked + 1, messages.size());
    if (since.stream().anyMatch(Message.Tool.class::isInstance)) {
      return text(report(since), listener);
    }
    List<ToolCall> calls = request.tools().isEmpty() ? List.of() : calls(question);
    if (!calls.isEmpty()) {
      return new Reply("", calls, Usage.unknown()).by(this);
    }
    if (question.contains(HEARTBEAT_OK)) {
      return text(HEARTBEAT_OK + " " + LABEL, listener);
    }
    return text(explanation(question, request.tools()), listener);
  }

  private static String said(Message message) {
    return message instanceof Message.User(String content, List<Image> images) && !images.isEmpty()
        ? content + "\n(" + images.size() + " pictures, which this demo cannot see)"
        : message.content();
  }

  /** What was said, not what the agent added to it; -1 when nobody said anything. */
  private static int newestUserMessage(List<Message> messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i) instanceof Message.User(String content, _)
          && !content.startsWith(CONTEXT_UPDATE)
          && !content.startsWith(Message.User.TOOL_IMAGES)) {
        return i;
      }
    }
    return -1;
  }

  private static List<ToolCall> calls(String question) {
    List<ToolCall> calls = new ArrayList<>();
    for (String line : question.lines().toList()) {
      String[] words = line.strip().split("\\s+", 3);
      if (words.length > 1 && words[0].equals(COMMAND)) {
        calls.add(new ToolCall(callId(), words[1], words.length > 2 ? words[2] : "{}"));
      }
    }
    return calls;
  }

  private static String callId() {
    return "call_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  private static String report(List<Message> since) {
    Map<String, ToolCall> calls = new HashMap<>();
    StringBuilder report = new StringBuilder(LABEL).append(" The tools answered:");
    for (Message message : since) {
      switch (message) {
        case Message.Assistant assistant ->
            assistant.toolCalls().forEach(call -> calls.put(call.id(), call));
        case Message.Tool(String callId, String content) -> {
          ToolCall call = calls.get(callId);
          report
              .append("\n\n")
              .append(
                  call == null
                      ? callId
                      : call.name() + " " + cut(call.arguments(), QUOTE_LENGTH_MAX))
              .append("\n")
              .append(cut(content, RESULT_LENGTH_MAX));
        }
        case Message.System _, Message.User _ -> {}
      }
    }
    return report.toString();
  }

  private static String explanation(String question, List<ToolDefinition> tools) {
    String quote = cut(question.strip(), QUOTE_LENGTH_MAX);
    String names = String.join(", ", tools.stream().map(ToolDefinition::name).toList());
    return LABEL
        + " I am a small program inside the agent, not a language model: I cannot think, but"
        + " everything around me is real."
        + (quote.isEmpty() ? "" : "\n\nYou said: " + quote)
        + """


        To try the agent's tools, send lines like these (one tool call each):
        /tool bash {"command":"uname -a"}
        /tool write_file {"path":"hello.txt","content":"Hello!"}
        /tool send_file {"path":"hello.txt","caption":"A first file"}
        """
        + (names.isEmpty() ? "" : "\nTools here: " + names + "\n")
        + """

        To talk to a real model, set LIBERTAI_API_KEY (and MODEL_PROVIDER=openai or auto), or run \
        Ollama on this machine with a model that can use tools, and start again.\
        """;
  }

  private static String cut(String text, int lengthMax) {
    if (text.length() <= lengthMax) {
      return text;
    }
    int end = border(text, lengthMax);
    return text.substring(0, end) + "… (" + text.length() + " characters)";
  }

  private Reply text(String text, ReplyListener listener) throws InterruptedException {
    int step = Math.max(DELTA_LENGTH_MIN, (text.length() + DELTAS_MAX - 1) / DELTAS_MAX);
    int start = 0;
    while (start < text.length()) {
      if (start > 0 && !pause.isZero()) {
        Thread.sleep(pause);
      }
      int end = border(text, Math.min(text.length(), start + step));
      listener.textDelta(text.substring(start, end));
      start = end;
    }
    return new Reply(text, List.of(), Usage.unknown()).by(this);
  }

  /** The place at or just after {@code index} that splits no surrogate pair. */
  private static int border(String text, int index) {
    return index < text.length() && Character.isLowSurrogate(text.charAt(index))
        ? index + 1
        : index;
  }
}
