package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * What is planned, for people and models.
 *
 * @param present whether there is a {@code cron.json}
 * @param problems one line each
 */
record ScheduleView(
    boolean present, List<Planned> jobs, List<Watch> watchers, List<String> problems) {
  /**
   * A job.
   *
   * @param next when it is due next; absent when it never is again
   */
  record Planned(Job job, Optional<Instant> next, Optional<Memo> memo) {}

  /** Times are ISO-8601 in UTC. */
  ObjectNode json() {
    ObjectNode json = Json.object().put("exists", present);
    ArrayNode warnings = json.putArray("problems");
    problems.forEach(warnings::add);
    ArrayNode planned = json.putArray("jobs");
    jobs.forEach(job -> planned.add(json(job)));
    ArrayNode watching = json.putArray("watchers");
    for (Watch watch : watchers) {
      watching
          .addObject()
          .put("id", watch.id())
          .put("path", watch.path())
          .put("task", watch.task())
          .put("enabled", watch.enabled())
          .put("debounce", watch.debounce().toSeconds())
          .put("deliver_to", watch.deliverTo().orElse(null));
    }
    return json;
  }

  private static ObjectNode json(Planned planned) {
    Job job = planned.job();
    ObjectNode json = Json.object().put("id", job.id());
    switch (job.timing()) {
      case Timing.Cron(CronExpression expression, var zone) ->
          json.put("schedule", expression.toString())
              .put("tz", zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId());
      case Timing.At(Instant moment) -> json.put("at", moment.toString());
      case Timing.Every(var interval) -> json.put("every_seconds", interval.toSeconds());
    }
    Optional<Memo> run = planned.memo().filter(memo -> memo.state().isPresent());
    json.put("task", job.task())
        .put("enabled", job.enabled())
        .put("deliver_to", job.deliverTo().orElse(null))
        .put("next_due", planned.next().map(Instant::toString).orElse(null))
        .put("last_due", run.map(memo -> memo.handled().toString()).orElse(null))
        .put("last_state", run.flatMap(Memo::state).map(TurnState::wireName).orElse(null));
    if (job.timing() instanceof Timing.At && planned.next().isEmpty() && run.isEmpty()) {
      json.put("note", job.enabled() ? "its time was over when it was first seen" : "switched off");
    }
    return json;
  }
}
