package ai.liberclaw.api.tokens;

import ai.liberclaw.api.web.Times;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A personal access token as its owner sees it.
 *
 * @param prefix the first characters of its value, by which it is recognised
 * @param lastUsedAt to the minute
 */
record PersonalToken(
    UUID id,
    String name,
    List<String> scopes,
    String prefix,
    Instant createdAt,
    Optional<Instant> expiresAt,
    Optional<Instant> lastUsedAt) {
  PersonalToken {
    scopes = List.copyOf(scopes);
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("id", id.toString()).put("name", name);
    ArrayNode list = json.putArray("scopes");
    scopes.forEach(list::add);
    return json.put("prefix", prefix)
        .put("created_at", Times.text(createdAt))
        .put("expires_at", expiresAt.map(Times::text).orElse(null))
        .put("last_used_at", lastUsedAt.map(Times::text).orElse(null));
  }
}
