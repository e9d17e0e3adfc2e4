package ai.liberclaw.agent.coding;

import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.agent.turn.EventSource;
import ai.liberclaw.agent.turn.LoggedEvent;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/** What a task has told so far, page by page: the events of its chat and how it began and ended. */
public final class CodingEvents {
  static final int LIMIT_MAX = 1_000;

  private final CodingTasks tasks;
  private final CodingStore store;
  private final EventSource events;

  public CodingEvents(CodingTasks tasks, CodingStore store, EventSource events) {
    this.tasks = tasks;
    this.store = store;
    this.events = events;
  }

  /**
   * A page.
   *
   * @param after the last number that is known; what has no number is on the first page, and the
   *     end on the last one
   */
  ObjectNode json(CodingTask task, long after, int limit) {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("events");
    if (after == 0) {
      add(list, "started", task.createdAt(), Json.object().put("task_id", task.id()));
      store
          .checkpoint(task)
          .ifPresent(checkpoint ->
              add(
                  list,
                  "checkpoint",
                  task.createdAt(),
                  Json.object()
                      .put("status", checkpoint.status())
                      .put("content", checkpoint.content())));
    }
    int count = 0;
    for (LoggedEvent event : events.after(task.chatId(), after, limit)) {
      count++;
      JsonNode payload = Json.parse(event.json());
      Instant at = Instant.ofEpochMilli(payload.path("timestamp_ms").asLong());
      ObjectNode json = list.addObject().put("id", event.seq()).put("type", event.type());
      json.set("payload", payload);
      json.put("created_at", Timestamps.of(at));
    }
    boolean last = count < limit;
    if (last && !tasks.isActive(task)) {
      task.endedAt()
          .ifPresent(at ->
              add(list, "completed", at, Json.object().put("status", task.state().wireName())));
    }
    return body;
  }

  private static void add(ArrayNode list, String type, Instant at, ObjectNode payload) {
    ObjectNode json = list.addObject().putNull("id").put("type", "coding_task." + type);
    json.set("payload", payload);
    json.put("created_at", Timestamps.of(at));
  }
}
