package ai.liberclaw.agent.turn;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

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

  /**
   * A tool call has ended.
   *
   * @param content what the model is told; readers get its beginning
   * @param metadata small facts from the tool; may be empty
   * @param files what the call sent to the user
   */
  record CallEnded(
      String name,
      boolean isError,
      long durationMs,
      String content,
      ObjectNode metadata,
      List<SentFile> files)
      implements TurnEvent {
    /** Characters of a result that readers are shown. */
    static final int CONTENT_LENGTH_MAX = 2000;

    public CallEnded {
      files = List.copyOf(files);
    }

    /** All but the content: what is kept beside the stored result. */
    public ObjectNode facts() {
      ObjectNode facts = Json.object();
      writeTo(facts);
      return facts;
    }

    private void writeTo(ObjectNode json) {
      json.put("name", name)
          .put("is_error", isError)
          .put("duration_ms", durationMs)
          .put("truncated", content.length() > CONTENT_LENGTH_MAX);
      json.set("metadata", metadata);
      ArrayNode artifacts = json.putArray("artifacts");
      for (SentFile file : files) {
        artifacts
            .addObject()
            .put("type", "file")
            .put("path", file.path())
            .put("caption", file.caption());
      }
    }

    private String shown() {
      if (content.length() <= CONTENT_LENGTH_MAX) {
        return content;
      }
      boolean splits = Character.isHighSurrogate(content.charAt(CONTENT_LENGTH_MAX - 1));
      return content.substring(0, splits ? CONTENT_LENGTH_MAX - 1 : CONTENT_LENGTH_MAX);
    }
  }

  /**
   * The turn waits for somebody's answer about the call that was shown last.
   *
   * @param input the raw arguments as the model wrote them
   * @param expiresAt Unix milliseconds
   */
  record ApprovalRequired(
      String approvalId, String tool, String input, String reason, long expiresAt)
      implements TurnEvent {}

  /**
   * A question is closed.
   *
   * @param decision the answer, or {@code expired} or {@code cancelled}
   */
  record ApprovalResolved(String approvalId, String decision) implements TurnEvent {}

  /** A policy has refused a call. */
  record GuardrailBlocked(String tool, String reason, String policy) implements TurnEvent {}

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
      case CallEnded _ -> "tool_result";
      case ApprovalRequired _ -> "approval_required";
      case ApprovalResolved _ -> "approval_resolved";
      case GuardrailBlocked _ -> "guardrail_blocked";
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
      case CallEnded ended -> {
        ended.writeTo(json);
        json.put("content", ended.shown());
      }
      case ApprovalRequired(String id, String tool, String input, String reason, long expiresAt) ->
          json.put("approval_id", id)
              .put("tool", tool)
              .put("input", input)
              .put("reason", reason)
              .put("expires_at", expiresAt);
      case ApprovalResolved(String id, String decision) ->
          json.put("approval_id", id).put("decision", decision);
      case GuardrailBlocked(String tool, String reason, String policy) ->
          json.put("tool", tool).put("reason", reason).put("policy", policy);
      case Failed(TurnFailure failure) ->
          json.put("content", failure.message()).put("code", failure.code());
      case Done() -> {
        // Its number and its time are all there is to say.
      }
    }
    return Json.writeAscii(json);
  }
}
