package ai.liberclaw.agent.schedule;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Fields;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** {@code /runtime/cron}: what is planned, for the owner's front ends. */
public final class ScheduleRoutes {
  private static final int BODY_BYTES_MAX = 256 * 1024;

  private final Scheduler scheduler;

  public ScheduleRoutes(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  public void register(Router router) {
    router.get("/runtime/cron", this::show).put("/runtime/cron", this::replace);
  }

  private void show(Exchange exchange) {
    exchange.send(scheduler.view().json());
  }

  /** Takes a whole list or nothing: whoever sends one can be told what is wrong. */
  private void replace(Exchange exchange) throws IOException {
    Fields body = exchange.json(BODY_BYTES_MAX);
    JsonNode jobs = body.present("jobs").orElse(Json.object());
    if (!jobs.isArray()) {
      body.fault("jobs", "list_type", "Input should be a valid list", Json.object());
      body.check();
    }
    List<String> problems = scheduler.problems(jobs);
    if (!problems.isEmpty()) {
      throw new Invalid(
          problems.stream()
              .map(problem -> Invalid.Fault.of("value_error", List.of("body", "jobs"), problem))
              .toList());
    }
    scheduler.replace(jobs);
    exchange.send(scheduler.view().json());
  }
}
