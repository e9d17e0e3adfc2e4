package ai.liberclaw.agent.events;

import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/** {@code GET /chat/{chat_id}/events}: what happened in a chat, page by page. */
public final class EventRoutes {
  private static final int LIMIT_DEFAULT = 200;
  private static final int LIMIT_MAX = 1_000;

  private final RuntimeEventStore events;

  public EventRoutes(RuntimeEventStore events) {
    this.events = events;
  }

  public void register(Router router) {
    router.get("/chat/{chat_id}/events", this::list);
  }

  private void list(Exchange exchange) {
    int limit = (int) exchange.queryInteger("limit", LIMIT_DEFAULT, 1, LIMIT_MAX);
    Optional<Long> after =
        exchange
            .query("after_id")
            .map(_ -> exchange.queryInteger("after_id", 0, 0, Long.MAX_VALUE));
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("events");
    for (RuntimeEvent event : events.events(exchange.path("chat_id"), after, limit)) {
      ObjectNode json = list.addObject().put("id", event.seq()).put("type", event.type());
      json.set("payload", payload(event.payload()));
      json.put("created_at", Timestamps.of(Instant.ofEpochMilli(event.createdAtMs())));
      if (event.runtimeId() != null) {
        json.put("runtime_id", event.runtimeId());
      }
    }
    exchange.send(body);
  }

  /** A successor's file may hold anything. */
  private static JsonNode payload(String json) {
    try {
      return Json.parse(json);
    } catch (JsonException _) {
      return Json.object().put("text", json);
    }
  }
}
