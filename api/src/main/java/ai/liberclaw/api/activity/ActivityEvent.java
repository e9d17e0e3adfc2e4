package ai.liberclaw.api.activity;

import ai.liberclaw.api.web.Times;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** One event as a client gets it. */
record ActivityEvent(
    UUID id, String type, ObjectNode metadata, boolean isPublic, Instant createdAt) {
  ObjectNode json() {
    ObjectNode json = Json.object().put("id", id.toString()).put("event_type", type);
    json.set("metadata", metadata);
    return json.put("is_public", isPublic).put("created_at", Times.text(createdAt));
  }

  /** {@code {"events":[…]}}. */
  static ObjectNode page(List<ActivityEvent> events) {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("events");
    events.forEach(event -> list.add(event.json()));
    return body;
  }
}
