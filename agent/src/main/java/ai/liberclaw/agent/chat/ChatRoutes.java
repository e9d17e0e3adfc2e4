package ai.liberclaw.agent.chat;

import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.EventReader;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.StreamItem;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEngine;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The chat routes. A connection only reads a chat's event log: losing it changes nothing for the
 * turn it began.
 */
public final class ChatRoutes {
  /** Bytes of a request with a message in it, which may hold ten pictures of 2 MiB each. */
  public static final int BODY_BYTES_MAX = 32 * 1024 * 1024;

  private static final int HISTORY_ROWS_DEFAULT = 50;
  private static final int HISTORY_ROWS_MAX = 1000;

  private final TurnEngine engine;
  private final EventLog log;
  private final HistoryEvents history;
  private final Duration keepalive;
  private final Duration stallMax;

  /**
   * @param keepalive silence after which a stream gets a sign of life
   * @param stallMax how long a reader may take nothing before it is dropped
   */
  public ChatRoutes(
      TurnEngine engine,
      EventLog log,
      MessageStore messages,
      Duration keepalive,
      Duration stallMax) {
    this.engine = engine;
    this.log = log;
    this.history = new HistoryEvents(messages);
    this.keepalive = keepalive;
    this.stallMax = stallMax;
  }

  public void register(Router router) {
    router
        .post("/chat", this::send)
        .delete("/chat/{chat_id}", this::delete)
        .get("/chat/{chat_id}/history", this::history)
        .get("/chat/{chat_id}/stream", this::follow)
        .get("/chat/{chat_id}/active", this::active)
        .post("/chat/{chat_id}/stop", this::stop);
  }

  private void send(Exchange exchange) throws IOException, InterruptedException {
    ChatRequest request = ChatRequest.of(exchange.json(BODY_BYTES_MAX));
    if (engine.isInternal(request.turn().chatId())) {
      throw new Invalid(
          Invalid.Fault.of(
              "value_error", List.of("body", "chat_id"), "This chat is the agent's own"));
    }
    Turn turn = engine.submit(request.turn()).turn();
    // The headers, and so the news that the message is stored, leave with the first keepalive.
    stream(exchange, log.follow(turn, request.deltas()), request.deltas(), true);
  }

  private void follow(Exchange exchange) throws IOException, InterruptedException {
    EventLog.Following how =
        new EventLog.Following(
            after(exchange),
            exchange.queryFlag("follow", false),
            exchange.queryFlag("deltas", true));
    EventReader reader = log.follow(exchange.path("chat_id"), how);
    stream(exchange, reader, true, !reader.hasSomething());
  }

  private void active(Exchange exchange) {
    Optional<Turn> turn = engine.active(exchange.path("chat_id"));
    exchange.send(
        Json.object()
            .put("active", turn.isPresent())
            .<ObjectNode>set(
                "user_message", ContentBlocks.shown(turn.map(Turn::message).orElse("")))
            .put("mode", turn.map(Turn::mode).orElse(NewTurn.MODE_CHAT)));
  }

  private void stop(Exchange exchange) {
    boolean cancelled = engine.stop(exchange.path("chat_id"));
    exchange.send(Json.object().put("status", "ok").put("cancelled", cancelled));
  }

  private void delete(Exchange exchange) throws InterruptedException {
    int rows = engine.delete(exchange.path("chat_id"));
    exchange.send(Json.object().put("status", "ok").put("deleted", rows));
  }

  private void history(Exchange exchange) {
    long limit =
        exchange.queryInteger("limit", HISTORY_ROWS_DEFAULT, Long.MIN_VALUE, Long.MAX_VALUE);
    // A negative limit means "all" to the original.
    int rows = limit < 0 ? HISTORY_ROWS_MAX : (int) Math.min(limit, HISTORY_ROWS_MAX);
    ObjectNode body = Json.object();
    body.set("messages", history.newest(exchange.path("chat_id"), rows));
    exchange.send(body);
  }

  /**
   * The last number a reader has. The header comes from a client that reconnects by itself, with
   * the address of its first attempt: it knows better.
   */
  private static Optional<Long> after(Exchange exchange) {
    Optional<String> last = exchange.requestHeader("Last-Event-ID").filter(id -> !id.isBlank());
    if (last.isEmpty()) {
      return exchange.query("after").map(_ -> exchange.queryInteger("after", 0, 0, Long.MAX_VALUE));
    }
    try {
      long id = Long.parseLong(last.get().strip());
      if (id >= 0) {
        return Optional.of(id);
      }
    } catch (NumberFormatException _) {
      // Refused below, as a negative one.
    }
    throw new Invalid(
        Invalid.Fault.of(
            "int_parsing",
            List.of("header", "last-event-id"),
            "Input should be a valid integer, unable to parse string as an integer"));
  }

  /**
   * @param ids numbered events carry their number, for clients that resume
   * @param atOnce begin with a keepalive: there may be nothing else for a while
   */
  private void stream(Exchange exchange, EventReader events, boolean ids, boolean atOnce)
      throws IOException, InterruptedException {
    try (events) {
      OutputStream out = exchange.eventStream();
      try (SseWriter writer = new SseWriter(exchange.streams(), out, keepalive, stallMax)) {
        if (atOnce) {
          writer.keepalive();
        }
        Optional<StreamItem> item = events.next();
        while (item.isPresent()) {
          StreamItem next = item.get();
          if (ids && next.seq() > 0) {
            writer.event(next.seq(), next.json());
          } else {
            writer.event(next.json());
          }
          item = events.next();
        }
      }
      // Only a stream that came to its end is ended; any other is cut.
      out.close();
    }
  }
}
