package ai.liberclaw.agent.approval;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A call that somebody has allowed for good.
 *
 * @param arguments the only ones it is about, as canonical JSON
 * @param by who allowed it
 * @param createdAt Unix milliseconds
 */
public record ApprovalRule(String id, String tool, String arguments, String by, long createdAt) {
  ObjectNode json() {
    return Json.object()
        .put("id", id)
        .put("tool", tool)
        .put("arguments", arguments)
        .put("decision", "allow")
        .put("by", by)
        .put("created_at", createdAt);
  }
}
