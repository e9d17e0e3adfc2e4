package ai.liberclaw.agent.coding;

import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/** {@code /runtime/coding-tasks}. */
public final class CodingRoutes {
  private static final String ALL = "/runtime/coding-tasks";
  private static final String ONE = ALL + "/{task_id}";
  private static final int BODY_BYTES_MAX = 2 * 1024 * 1024;

  private final CodingTasks tasks;
  private final CodingEvents events;
  private final EventLog log;
  private final Duration keepalive;
  private final Duration stallMax;

  /**
   * @param keepalive silence after which a stream gets a sign of life
   * @param stallMax how long a reader may take nothing before it is dropped
   */
  public CodingRoutes(
      CodingTasks tasks, CodingEvents events, EventLog log, Duration keepalive, Duration stallMax) {
    this.tasks = tasks;
    this.events = events;
    this.log = log;
    this.keepalive = keepalive;
    this.stallMax = stallMax;
  }

  public void register(Router router) {
    router
        .post(ALL, this::begin)
        .get(ONE + "/active", this::active)
        .get(ONE + "/stream", this::follow)
        .get(ONE + "/events", this::events)
        .delete(ONE, this::cancel);
  }

  private void begin(Exchange exchange) throws IOException, InterruptedException {
    CodingRequest request = CodingRequest.of(exchange.json(BODY_BYTES_MAX));
    CodingTask task = tasks.begin(request.id(), request.mode(), request.message());
    stream(exchange, task, 0, request.deltas());
  }

  private void follow(Exchange exchange) throws IOException, InterruptedException {
    CodingTask task = known(exchange);
    long after = exchange.queryInteger("after", 0, 0, Long.MAX_VALUE);
    stream(exchange, task, after, exchange.queryFlag("deltas", true));
  }

  private void active(Exchange exchange) {
    boolean active = tasks.isActive(known(exchange));
    // Read again: a task that ended in between would be neither active nor over.
    CodingTask task = known(exchange);
    exchange.send(
        about(task)
            .put("active", active)
            .put("mode", task.mode().wireName())
            .put("status", task.state().wireName())
            .put("user_message", task.message()));
  }

  private void events(Exchange exchange) {
    CodingTask task = known(exchange);
    int limit = (int) exchange.queryInteger("limit", 200, 1, CodingEvents.LIMIT_MAX);
    long after = exchange.queryInteger("after_id", 0, 0, Long.MAX_VALUE);
    exchange.send(events.json(task, after, limit));
  }

  private void cancel(Exchange exchange) {
    CodingTask task = known(exchange);
    exchange.send(about(task).put("cancelled", tasks.cancel(task)));
  }

  private CodingTask known(Exchange exchange) {
    return tasks
        .find(exchange.path("task_id"))
        .orElseThrow(() -> new Refusal(404, "unknown coding task"));
  }

  private static ObjectNode about(CodingTask task) {
    return Json.object().put("task_id", task.id()).put("chat_id", task.chatId());
  }

  private void stream(Exchange exchange, CodingTask task, long after, boolean deltas)
      throws IOException, InterruptedException {
    OutputStream out = exchange.eventStream();
    try (SseWriter writer = new SseWriter(exchange.streams(), out, keepalive, stallMax)) {
      new CodingStream(tasks, log, writer).tell(task, after, deltas);
    }
    // Only a stream that came to its end is ended; any other is cut.
    out.close();
  }
}
