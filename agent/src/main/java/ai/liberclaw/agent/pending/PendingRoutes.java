package ai.liberclaw.agent.pending;

import ai.liberclaw.agent.pending.PendingStore.Pending;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Messages that wait: {@code GET /pending}, a read that takes away what it returns, and channels,
 * whose readers say how far they have got.
 */
public final class PendingRoutes {
  private static final int BODY_BYTES_MAX = 16 * 1024;
  private static final int CHANNEL_CHARS_MAX = 200;

  private final PendingStore pending;
  private final EventLog log;

  public PendingRoutes(PendingStore pending, EventLog log) {
    this.pending = pending;
    this.log = log;
  }

  public void register(Router router) {
    router
        .get("/pending", this::take)
        .get("/pending/count", this::count)
        .get("/pending/channel/{channel}", this::channel)
        .post("/pending/ack", this::acknowledge);
  }

  private void take(Exchange exchange) {
    ObjectNode body = Json.object();
    ArrayNode messages = body.putArray("messages");
    for (Pending message : pending.take(exchange.query("chat_id"), log.slowestReaders())) {
      put(messages.addObject(), message);
    }
    exchange.send(body);
  }

  private void count(Exchange exchange) {
    long count =
        pending.count(exchange.query("channel"), exchange.query("chat_id"), log.slowestReaders());
    exchange.send(Json.object().put("count", count));
  }

  private void channel(Exchange exchange) {
    String channel = exchange.path("channel");
    List<Pending> rows = pending.above(channel, exchange.query("chat_id"), log.slowestReaders());
    ObjectNode body = Json.object();
    ArrayNode messages = body.putArray("messages");
    for (Pending message : rows) {
      put(messages.addObject().put("id", message.id()), message);
    }
    exchange.send(body.put("channel", channel));
  }

  private void acknowledge(Exchange exchange) throws IOException {
    Fields fields = exchange.json(BODY_BYTES_MAX);
    String channel = fields.text("channel", 1, CHANNEL_CHARS_MAX);
    long upToId = rowId(fields, "up_to_id");
    fields.check();
    long last = pending.acknowledge(channel, upToId);
    exchange.send(Json.object().put("status", "ok").put("channel", channel).put("last_id", last));
  }

  /** A required id; 0 stands in for a faulty one until the check. */
  private static long rowId(Fields fields, String name) {
    Optional<JsonNode> value = fields.present(name);
    if (value.isEmpty()) {
      fields.fault(name, "missing", "Field required", Json.object());
    } else if (!value.get().canConvertToExactIntegral() || !value.get().canConvertToLong()) {
      fields.fault(name, "int_type", "Input should be a valid integer", Json.object());
    } else if (value.get().asLong() < 0) {
      fields.fault(
          name,
          "greater_than_equal",
          "Input should be greater than or equal to 0",
          Json.object().put("ge", 0));
    } else {
      return value.get().asLong();
    }
    return 0;
  }

  private static void put(ObjectNode json, Pending message) {
    json.put("chat_id", message.chatId())
        .put("content", message.content())
        .put("source", message.source())
        .put("created_at", message.createdAt());
  }
}
