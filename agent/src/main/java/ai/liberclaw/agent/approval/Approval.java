package ai.liberclaw.agent.approval;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * One stored question and what became of it.
 *
 * @param input the raw arguments of the call
 * @param answer absent while nobody has decided
 */
public record Approval(
    Question question,
    String chatId,
    String tool,
    String input,
    ApprovalStatus status,
    Optional<Answer> answer) {
  /**
   * Who decided, and when.
   *
   * @param at Unix milliseconds
   */
  public record Answer(String by, long at) {}

  ObjectNode json() {
    ObjectNode json =
        Json.object()
            .put("id", question.id())
            .put("chat_id", chatId)
            .put("tool", tool)
            .put("input", input)
            .put("reason", question.reason())
            .put("status", status.wireName())
            .put("created_at", question.createdAt())
            .put("expires_at", question.expiresAt());
    answer.ifPresent(given -> json.put("decided_by", given.by()).put("decided_at", given.at()));
    return json;
  }
}
