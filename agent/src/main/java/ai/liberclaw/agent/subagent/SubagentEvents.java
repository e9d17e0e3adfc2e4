package ai.liberclaw.agent.subagent;

import ai.liberclaw.agent.subagent.SubagentRun.State;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Tells front ends that a run has begun or ended; people are told in words. */
final class SubagentEvents {
  /** Rows of this source are JSON, for readers of a channel alone. */
  static final String SOURCE = "subagent_event";

  private SubagentEvents() {}

  static Notice spawned(String chatId, SubagentRun run) {
    return new Notice(chatId, SOURCE, Json.write(json("subagent_spawned", run, State.RUNNING)));
  }

  /**
   * @param error what went wrong; ignored for a run that is completed
   */
  static Notice ended(String chatId, SubagentRun run, State state, String error) {
    ObjectNode json =
        switch (state) {
          case COMPLETED -> json("subagent_completed", run, state);
          case TIMEOUT -> json("subagent_failed", run, state).put("error", error);
          // Clients know no other word for a run that was stopped.
          case FAILED, CANCELLED, RUNNING ->
              json("subagent_failed", run, State.FAILED).put("error", error);
        };
    return new Notice(chatId, SOURCE, Json.write(json));
  }

  private static ObjectNode json(String type, SubagentRun run, State status) {
    return Json.object()
        .put("type", type)
        .put("run_id", run.id())
        .put("label", run.label())
        .put("subagent_role", run.role().wireName())
        .put("role", run.role().wireName())
        .put("status", status.wireName());
  }
}
