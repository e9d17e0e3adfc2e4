package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a valid history of whatever is stored. Strict model servers refuse a tool result without
 * its call, a call without its result and an assistant that says nothing, and would refuse that
 * chat for ever.
 */
final class Sanitiser {
  /** Stands for a result that was never stored. */
  static final String MISSING_RESULT =
      "[no result: this call was interrupted; it may have run completely, partly or not at all]";

  private final List<Open> groups = new ArrayList<>();

  /** Calls without a result yet, under the id they were stored with. */
  private final Map<String, Deque<Slot>> unanswered = new HashMap<>();

  private Sanitiser() {}

  /** The groups of a history, in its order. */
  static List<Group> groups(List<Row> rows) {
    Sanitiser sanitiser = new Sanitiser();
    for (Row row : rows) {
      sanitiser.add(row);
    }
    return sanitiser.groups.stream().map(Open::close).toList();
  }

  private void add(Row row) {
    switch (row.message()) {
      case Message.System _ -> {
        // The system prompt is made anew for each turn; a stored one is not ours.
      }
      case Message.User _ -> groups.add(new Open(row, List.of()));
      case Message.Assistant assistant -> addAssistant(row, assistant);
      case Message.Tool tool -> addResult(row, tool);
    }
  }

  private void addAssistant(Row row, Message.Assistant assistant) {
    if (assistant.toolCalls().isEmpty()) {
      if (!assistant.content().isBlank()) {
        groups.add(new Open(row, List.of()));
      }
      return;
    }
    // An id that comes back in a later reply means that reply's call, as models count from zero.
    assistant.toolCalls().forEach(call -> unanswered.remove(call.id()));
    List<ToolCall> calls = new ArrayList<>();
    List<Slot> slots = new ArrayList<>();
    Set<String> used = new HashSet<>();
    for (ToolCall call : assistant.toolCalls()) {
      String id = call.id();
      for (int n = 2; !used.add(id); n++) {
        id = call.id() + "_" + n;
      }
      Slot slot = new Slot(id);
      calls.add(new ToolCall(id, call.name(), call.arguments(), call.cutOff()));
      slots.add(slot);
      unanswered.computeIfAbsent(call.id(), _ -> new ArrayDeque<>()).add(slot);
    }
    groups.add(new Open(row.with(new Message.Assistant(assistant.content(), calls)), slots));
  }

  /** A result joins its call even when other rows were stored between them. */
  private void addResult(Row row, Message.Tool tool) {
    Deque<Slot> slots = unanswered.getOrDefault(tool.callId(), new ArrayDeque<>());
    Slot slot = slots.poll();
    if (slot != null) {
      slot.result = row.with(new Message.Tool(slot.callId, tool.content()));
    }
  }

  private record Open(Row first, List<Slot> slots) {
    Group close() {
      List<Row> rows = new ArrayList<>();
      rows.add(first);
      slots.forEach(slot -> rows.add(slot.result));
      return new Group(rows);
    }
  }

  /** The place of one call's result. */
  private static final class Slot {
    private final String callId;
    private Row result;

    Slot(String callId) {
      this.callId = callId;
      this.result = Row.of(0, new Message.Tool(callId, MISSING_RESULT));
    }
  }
}
