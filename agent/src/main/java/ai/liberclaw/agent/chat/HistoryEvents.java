package ai.liberclaw.agent.chat;

import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.journal.MessageStore.Said;
import ai.liberclaw.agent.journal.ToolCallJson;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stored rows of a chat as the events that a client shows. */
final class HistoryEvents {
  private static final String FILE_SENT = "File sent to user: ";
  private static final String SEND_FILE = "send_file";

  private final MessageStore messages;

  HistoryEvents(MessageStore messages) {
    this.messages = messages;
  }

  /**
   * The events of the newest rows, oldest first.
   *
   * @param limit rows, not events
   */
  ArrayNode newest(String chatId, int limit) {
    ArrayNode events = Json.array();
    Map<String, String> toolOfCall = new HashMap<>();
    for (Said row : messages.newest(chatId, limit)) {
      switch (row.role()) {
        case "user" -> add(events, row, "text").put("content", row.content()).put("name", "user");
        case "assistant" -> {
          if (!row.content().isEmpty()) {
            add(events, row, "text").put("content", row.content());
          }
          for (ToolCall call : remember(toolOfCall, row.toolCalls())) {
            add(events, row, "tool_use").put("name", call.name()).put("input", call.arguments());
          }
        }
        case "tool" -> {
          if (row.content().startsWith(FILE_SENT) && answersSendFile(chatId, row, toolOfCall)) {
            String path = row.content().substring(FILE_SENT.length()).strip();
            add(events, row, "file").put("path", path);
          }
        }
        default -> {
          // Rows of other roles, which only a foreign file can have, are nobody's words.
        }
      }
    }
    return events;
  }

  /** Any tool can print the sentence; only the tool that sends files has sent one. */
  private boolean answersSendFile(String chatId, Said row, Map<String, String> toolOfCall) {
    String callId = row.toolCallId();
    if (callId == null) {
      return false;
    }
    if (!toolOfCall.containsKey(callId)) {
      // The call is above the oldest row that was asked for.
      messages
          .toolCallsBefore(chatId, row.id())
          .ifPresent(calls -> remember(toolOfCall, calls));
    }
    return SEND_FILE.equals(toolOfCall.get(callId));
  }

  private static List<ToolCall> remember(
      Map<String, String> toolOfCall, @Nullable String toolCalls) {
    List<ToolCall> calls = ToolCallJson.read(toolCalls);
    calls.forEach(call -> toolOfCall.put(call.id(), call.name()));
    return calls;
  }

  private static ObjectNode add(ArrayNode events, Said row, String type) {
    return events.addObject().put("type", type).put("timestamp_ms", row.timestampMs());
  }
}
