package ai.liberclaw.agent.pending;

import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code GET /pending}: a read that takes away what it returns. */
public final class PendingRoutes {
  private final PendingStore pending;
  private final EventLog log;

  public PendingRoutes(PendingStore pending, EventLog log) {
    this.pending = pending;
    this.log = log;
  }

  public void register(Router router) {
    router.get("/pending", this::take);
  }

  private void take(Exchange exchange) {
    ObjectNode body = Json.object();
    ArrayNode messages = body.putArray("messages");
    for (PendingStore.Pending message :
        pending.take(exchange.query("chat_id"), log.slowestReaders())) {
      messages
          .addObject()
          .put("chat_id", message.chatId())
          .put("content", message.content())
          .put("source", message.source())
          .put("created_at", message.createdAt());
    }
    exchange.send(body);
  }
}
