package ai.liberclaw.agent.chat;

import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.journal.MessageStore.Said;
import ai.liberclaw.agent.journal.ToolCallJson;
import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stored rows of a chat as the events that a client shows. */
final class HistoryEvents {
  private static final String FILE_SENT = "File sent to user: ";
  private static final Set<String> SENDING = Set.of("send_file", "generate_image");

  /** Characters of messages with pictures that one answer repeats in full. */
  static final int BLOCK_CHARS_MAX = 16 * 1024 * 1024;

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
    long blockChars = 0;
    Map<String, String> toolOfCall = new HashMap<>();
    for (Said row : messages.newest(chatId, limit)) {
      switch (row.role()) {
        case "user" -> blockChars = addUser(events, row, blockChars);
        case "assistant" -> {
          if (!row.content().isEmpty()) {
            add(events, row, "text").put("content", row.content());
          }
          for (ToolCall call : remember(toolOfCall, row.toolCalls())) {
            add(events, row, "tool_use").put("name", call.name()).put("input", call.arguments());
          }
        }
        case "tool" -> {
          if (row.content().startsWith(FILE_SENT) && answersSender(chatId, row, toolOfCall)) {
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

  /**
   * Adds what the user said, as text; of a message with pictures also its blocks, while the answer
   * has room for them.
   *
   * @return characters of blocks in the answer by now
   */
  private static long addUser(ArrayNode events, Said row, long blockChars) {
    Optional<ArrayNode> blocks = ContentBlocks.read(row.content());
    ObjectNode event = add(events, row, "text").put("content", ContentBlocks.text(row.content()));
    event.put("name", "user");
    if (blocks.isEmpty() || blockChars + row.content().length() > BLOCK_CHARS_MAX) {
      return blockChars;
    }
    event.set("blocks", blocks.get());
    return blockChars + row.content().length();
  }

  /** Any tool can print the sentence; only a tool that sends files has sent one. */
  private boolean answersSender(String chatId, Said row, Map<String, String> toolOfCall) {
    String callId = row.toolCallId();
    if (callId == null) {
      return false;
    }
    if (!toolOfCall.containsKey(callId)) {
      // The call is above the oldest row that was asked for.
      messages.toolCallsBefore(chatId, row.id()).ifPresent(calls -> remember(toolOfCall, calls));
    }
    return SENDING.contains(toolOfCall.getOrDefault(callId, ""));
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
