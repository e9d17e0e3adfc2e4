package ai.liberclaw.agent.coding;

import ai.liberclaw.agent.coding.CodingTasks.Prepared;
import ai.liberclaw.agent.turn.EventLog;
import ai.liberclaw.agent.turn.EventReader;
import ai.liberclaw.agent.turn.StreamItem;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.sse.SseWriter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a task tells one reader: how it began, the events of its turn, how it ended. The whole of it
 * can be told again at any time.
 */
final class CodingStream {
  /** How long the checkpoint may take before a reader is sent away. */
  private static final int CHECKPOINT_SECONDS_MAX = 120;

  private static final String PREFIX = "coding_task.";

  private final CodingTasks tasks;
  private final EventLog log;
  private final SseWriter out;

  CodingStream(CodingTasks tasks, EventLog log, SseWriter out) {
    this.tasks = tasks;
    this.log = log;
    this.out = out;
  }

  /**
   * Tells all of it.
   *
   * @param after the last number of an event that this reader has; 0 for none
   */
  void tell(CodingTask task, long after, boolean deltas) throws IOException, InterruptedException {
    send(event("meta", task).put("chat_id", task.chatId()).put("mode", task.mode().wireName()));
    if (after == 0) {
      send(event("started", task));
    }
    Optional<Prepared> prepared = await(task);
    if (prepared.isEmpty()) {
      return;
    }
    CheckpointOutcome checkpoint = prepared.get().checkpoint();
    if (after == 0) {
      send(
          event("checkpoint", task)
              .put("status", checkpoint.status())
              .put("content", checkpoint.content()));
    }
    if (!checkpoint.ok()) {
      fail("The task was not begun, because there is no checkpoint: " + checkpoint.content());
    } else if (prepared.get().turn().isEmpty()) {
      fail("The task was cancelled, or is too long ago.");
    } else {
      try (EventReader events = log.follow(prepared.get().turn().get(), deltas)) {
        follow(task, events, after);
      }
    }
  }

  private Optional<Prepared> await(CodingTask task) throws IOException, InterruptedException {
    CompletableFuture<Prepared> pending = tasks.prepared(task);
    try {
      return Optional.of(pending.get(CHECKPOINT_SECONDS_MAX, TimeUnit.SECONDS));
    } catch (CancellationException _) {
      completed(task, "cancelled");
      done();
    } catch (TimeoutException _) {
      fail("The checkpoint takes long. Come back for the task later.");
    } catch (ExecutionException _) {
      error("restarting", "The agent is restarting. Reconnect to go on.");
      done();
    }
    return Optional.empty();
  }

  private void follow(CodingTask task, EventReader events, long after)
      throws IOException, InterruptedException {
    String status = "done";
    boolean ended = false;
    Optional<StreamItem> item = events.next();
    while (item.isPresent()) {
      StreamItem next = item.get();
      boolean numbered = next.seq() > 0;
      if (is(next, "error")) {
        status = statusOf(Json.parse(next.json()));
      } else if (is(next, "done") && !status.equals("restarting")) {
        completed(task, status);
      }
      if (numbered && next.seq() > after) {
        out.event(next.seq(), next.json());
      } else if (!numbered) {
        out.event(next.json());
      }
      ended = is(next, "done") && numbered && next.seq() <= after;
      item = events.next();
    }
    if (ended) {
      // This reader has had the turn's own one.
      done();
    }
  }

  private static String statusOf(JsonNode error) {
    return switch (error.path("code").asText()) {
      case "cancelled" -> "cancelled";
      case "restarting" -> "restarting";
      default -> "failed";
    };
  }

  private static boolean is(StreamItem item, String type) {
    return item.json().startsWith("{\"type\":\"" + type + "\"");
  }

  private void completed(CodingTask task, String status) throws IOException {
    send(event("completed", task).put("status", status));
  }

  private void fail(String why) throws IOException {
    error("checkpoint_failed", why);
    done();
  }

  private void error(String code, String content) throws IOException {
    send(Json.object().put("type", "error").put("content", content).put("code", code));
  }

  private void done() throws IOException {
    send(Json.object().put("type", "done"));
  }

  private static ObjectNode event(String type, CodingTask task) {
    return Json.object().put("type", PREFIX + type).put("task_id", task.id());
  }

  private void send(ObjectNode event) throws IOException {
    out.event(Json.writeAscii(event));
  }
}
