package ai.liberclaw.api.fleet;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.fleet.FleetGroup;
import ai.liberclaw.deploy.fleet.FleetStatus;
import ai.liberclaw.deploy.fleet.Rollout;
import ai.liberclaw.deploy.fleet.RolloutAgent;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What {@code fleet status} prints. */
final class FleetReport {
  private FleetReport() {}

  static String text(FleetStatus status) {
    StringBuilder text = new StringBuilder();
    for (FleetGroup group : status.groups()) {
      text.append(
          "%5d %-9s %-10s %s%s%n"
              .formatted(
                  group.agents(),
                  group.status(),
                  group.provider().orElse("original"),
                  group.release().orElse("unknown release"),
                  group.current() ? " (current)" : ""));
    }
    if (status.groups().isEmpty()) {
      text.append("No agents.\n");
    }
    status.rollout().ifPresent(rollout -> rollout(text, rollout, status));
    return text.toString().stripTrailing();
  }

  private static void rollout(StringBuilder text, Rollout rollout, FleetStatus status) {
    text.append(
        "%n%s rollout of %s: %s%s%n"
            .formatted(
                rollout.status().active() ? "The present" : "The last",
                rollout.createdAt(),
                rollout.status().key().replace('_', ' '),
                rollout.reason().map(reason -> " (" + reason + ")").orElse("")));
    for (RolloutAgent agent : status.members()) {
      text.append(
          "  wave %d  %s  %s%s%n"
              .formatted(
                  agent.wave() + 1,
                  agent.agentId(),
                  agent.status().key(),
                  agent.errorCode().map(code -> " (" + code + ")").orElse("")));
    }
  }

  static String json(FleetStatus status) {
    ObjectNode json = Json.object();
    ArrayNode groups = json.putArray("groups");
    for (FleetGroup group : status.groups()) {
      groups
          .addObject()
          .put("provider", group.provider().orElse(null))
          .put("release", group.release().orElse(null))
          .put("status", group.status())
          .put("agents", group.agents())
          .put("current", group.current());
    }
    json.set("rollout", status.rollout().map(FleetReport::json).orElse(null));
    ArrayNode members = json.putArray("members");
    for (RolloutAgent agent : status.members()) {
      members
          .addObject()
          .put("agent", agent.agentId().toString())
          .put("wave", agent.wave())
          .put("status", agent.status().key())
          .put("release", agent.release())
          .put("previous_release", agent.previousRelease().orElse(null))
          .put("error", agent.errorCode().orElse(null));
    }
    return Json.write(json);
  }

  private static ObjectNode json(Rollout rollout) {
    return Json.object()
        .put("id", rollout.id().toString())
        .put("status", rollout.status().key())
        .put("wave", rollout.wave())
        .put("reason", rollout.reason().orElse(null))
        .put("created_at", rollout.createdAt().toString())
        .put("ended_at", rollout.endedAt().map(Object::toString).orElse(null));
  }
}
