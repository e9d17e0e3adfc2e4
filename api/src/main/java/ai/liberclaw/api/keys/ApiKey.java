package ai.liberclaw.api.keys;

import ai.liberclaw.api.web.Times;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;

/** A stored key as its owner sees it. */
record ApiKey(UUID id, String label, String maskedKey, boolean isActive, Instant createdAt) {
  ObjectNode json() {
    return Json.object()
        .put("id", id.toString())
        .put("label", label)
        .put("masked_key", maskedKey)
        .put("is_active", isActive)
        .put("created_at", Times.text(createdAt));
  }
}
