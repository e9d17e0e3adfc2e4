package ai.liberclaw.agent.turn;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a turn tells its readers, in order. It ends with exactly one {@link Done}. */
public sealed interface TurnEvent {
  /** The whole text of one model reply. */
  record Text(String content) implements TurnEvent {}

  /**
   * A tool call starts.
   *
   * @param input the raw arguments as the model wrote them
   */
  record ToolUse(String name, String input) implements TurnEvent {}

  /**
   * A file for the user.
   *
   * @param path relative to the workspace
   * @param caption may be empty
   */
  record File(String path, String caption) implements TurnEvent {}

  /**
   * Another model was asked to put a picture into words.
   *
   * @param imageId the picture's number in the turn
   */
  record VisionDelegation(String imageId, String model, boolean ok) implements TurnEvent {}

  /** The turn ends without an answer. */
  record Failed(TurnFailure failure) implements TurnEvent {}

  /** Nothing more comes from this turn. */
  record Done() implements TurnEvent {}

  /** The event's {@code type} on the wire. */
  default String wireName() {
    return switch (this) {
      case Text _ -> "text";
      case ToolUse _ -> "tool_use";
      case File _ -> "file";
      case VisionDelegation _ -> "vision_delegation";
      case Failed _ -> "error";
      case Done _ -> DONE;
    };
  }

  String DONE = "done";
  String TEXT = "text";

  /**
   * One line of ASCII, {@code type} first.
   *
   * @param seq the event's number in its chat
   */
  default String json(long seq, long timestampMs) {
    ObjectNode json =
        Json.object().put("type", wireName()).put("seq", seq).put("timestamp_ms", timestampMs);
    switch (this) {
      case Text(String content) -> json.put("content", content);
      case ToolUse(String name, String input) -> json.put("name", name).put("input", input);
      case File(String path, String caption) -> json.put("path", path).put("caption", caption);
      case VisionDelegation(String imageId, String model, boolean ok) ->
          json.put("image_id", imageId).put("model", model).put("status", ok ? "ok" : "failed");
      case Failed(TurnFailure failure) ->
          json.put("content", failure.message()).put("code", failure.code());
      case Done() -> {
        // Its number and its time are all there is to say.
      }
    }
    return Json.writeAscii(json);
  }
}
