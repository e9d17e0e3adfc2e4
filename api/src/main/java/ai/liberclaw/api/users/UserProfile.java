package ai.liberclaw.api.users;

import ai.liberclaw.api.web.Times;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A user as they see themselves. */
record UserProfile(
    UUID id,
    Optional<String> email,
    boolean emailVerified,
    Optional<String> displayName,
    Optional<String> avatarUrl,
    String tier,
    boolean showToolCalls,
    Instant createdAt) {

  ObjectNode json() {
    return Json.object()
        .put("id", id.toString())
        .put("email", email.orElse(null))
        .put("email_verified", emailVerified)
        .put("display_name", displayName.orElse(null))
        .put("avatar_url", avatarUrl.orElse(null))
        .put("tier", tier)
        .put("show_tool_calls", showToolCalls)
        .put("created_at", Times.text(createdAt));
  }
}
