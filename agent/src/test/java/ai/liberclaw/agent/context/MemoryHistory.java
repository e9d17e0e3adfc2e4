package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolCall;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One chat in memory, kept as the store keeps it. */
final class MemoryHistory implements History {
  private final List<Row> visible = new ArrayList<>();
  private final Set<Long> compacted = new HashSet<>();
  private long lastId;

  @Override
  public List<Row> rows(String chatId) {
    return List.copyOf(visible);
  }

  @Override
  public void compact(String chatId, List<Long> rowIds, String summary, String acknowledgement) {
    List<Long> ids = visible.stream().map(Row::id).toList();
    int place = ids.indexOf(rowIds.getFirst());
    if (!ids.containsAll(rowIds)) {
      throw new IllegalArgumentException("rows that are not there: " + rowIds + " of " + ids);
    }
    compacted.addAll(rowIds);
    visible.removeIf(row -> rowIds.contains(row.id()));
    visible.add(place, new Row(++lastId, new Message.User(summary), true));
    visible.add(
        place + 1, new Row(++lastId, new Message.Assistant(acknowledgement, List.of()), true));
  }

  Set<Long> compacted() {
    return compacted;
  }

  long add(Message message) {
    visible.add(Row.of(++lastId, message));
    return lastId;
  }

  long user(String text) {
    return add(new Message.User(text));
  }

  long assistant(String text) {
    return add(new Message.Assistant(text, List.of()));
  }

  /** An assistant row with one call, and its result. */
  void step(String callId, String result) {
    add(new Message.Assistant("", List.of(new ToolCall(callId, "read_file", "{\"path\":\"a\"}"))));
    add(new Message.Tool(callId, result));
  }

  /** What stands there, as role: text. */
  List<String> lines() {
    return visible.stream().map(row -> line(row.message())).toList();
  }

  static String line(Message message) {
    return switch (message) {
      case Message.System system -> "system: " + system.content();
      case Message.User user -> "user: " + user.content();
      case Message.Assistant assistant ->
          "assistant: "
              + assistant.content()
              + String.join(
                  " ", assistant.toolCalls().stream().map(c -> "<" + c.id() + ">").toList());
      case Message.Tool tool -> "tool " + tool.callId() + ": " + tool.content();
    };
  }
}
