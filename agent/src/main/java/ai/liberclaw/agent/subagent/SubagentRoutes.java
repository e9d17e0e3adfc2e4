package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.subagent.SubagentRuns.Told;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** {@code /subagents}: what works in the background. Times are Unix seconds with a fraction. */
public final class SubagentRoutes {
  /** How long a run that has ended is listed. */
  static final Duration LISTED = Duration.ofHours(1);

  private static final int PREVIEW_CHARS_MAX = 200;

  private final SubagentRuns runs;
  private final Subagents subagents;
  private final InstantSource clock;

  public SubagentRoutes(SubagentRuns runs, Subagents subagents, InstantSource clock) {
    this.runs = runs;
    this.subagents = subagents;
    this.clock = clock;
  }

  public void register(Router router) {
    router
        .get("/subagents", this::list)
        .get("/subagents/{id}", this::show)
        .post("/subagents/{id}/stop", this::stop);
  }

  private void list(Exchange exchange) {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("subagents");
    Instant now = clock.instant();
    for (Told told : runs.told(now.minus(LISTED))) {
      ObjectNode one = json(told, now);
      one.put("task", head(told.run().task()));
      one.put("result_preview", told.result().map(SubagentRoutes::head).orElse(null));
      list.add(one);
    }
    exchange.send(body);
  }

  private void show(Exchange exchange) {
    Optional<Told> found = known(exchange);
    if (found.isEmpty()) {
      return;
    }
    Told told = found.get();
    exchange.send(
        json(told, clock.instant())
            .put("task", told.run().task())
            .put("persona", told.run().persona().isEmpty() ? null : told.run().persona())
            .put("result", told.result().orElse(null))
            .put("result_preview", told.result().map(SubagentRoutes::head).orElse(null)));
  }

  private void stop(Exchange exchange) {
    Optional<Told> found = known(exchange);
    if (found.isEmpty()) {
      return;
    }
    Told told = found.get();
    if (told.state() != SubagentRun.State.RUNNING || !subagents.stop(told.run())) {
      throw new Refusal(400, "this subagent is not running");
    }
    exchange.send(
        Json.object()
            .put("status", "ok")
            .put("run_id", told.run().id())
            .put("message", "Stopping subagent '" + told.run().label() + "'."));
  }

  /** The run that the path names; without one the answer is sent, in the words of this route. */
  private Optional<Told> known(Exchange exchange) {
    Optional<Told> told = runs.told(exchange.path("id"));
    if (told.isEmpty()) {
      exchange.send(404, Json.object().put("error", "unknown subagent"));
    }
    return told;
  }

  private static ObjectNode json(Told told, Instant now) {
    SubagentRun run = told.run();
    Optional<Double> ended = told.endedAt().map(SubagentRoutes::seconds);
    Duration duration = Duration.between(told.startedAt(), told.endedAt().orElse(now));
    return Json.object()
        .put("id", run.id())
        .put("label", run.label())
        .put("role", run.role().wireName())
        .put("status", told.state().wireName())
        .put("chat_id", run.chatId())
        .put("started_at", seconds(told.startedAt()))
        .put("completed_at", ended.orElse(null))
        .put("error", told.error().orElse(null))
        .put("duration", Math.max(0, duration.toMillis()) / 1000.0);
  }

  private static double seconds(Instant time) {
    return time.toEpochMilli() / 1000.0;
  }

  private static String head(String text) {
    int end = Math.min(PREVIEW_CHARS_MAX, text.length());
    boolean halved = end < text.length() && Character.isLowSurrogate(text.charAt(end));
    return text.substring(0, halved ? end - 1 : end);
  }
}
