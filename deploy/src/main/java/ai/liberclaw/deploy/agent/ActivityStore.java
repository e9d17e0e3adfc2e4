package ai.liberclaw.deploy.agent;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static ai.liberclaw.db.platform.Tables.DEPLOYMENT_HISTORY;
import static org.jooq.impl.DSL.currentInstant;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jspecify.annotations.Nullable;

/** What happened to agents, for feeds and history. Written in the transaction that does it. */
final class ActivityStore {
  private ActivityStore() {}

  /** An event only its owner sees. */
  static void ownEvent(DSLContext sql, Agent agent, String type, ObjectNode metadata) {
    event(sql, agent.ownerId(), agent.id(), type, metadata, false);
  }

  /** An event of the public feed, which shows it without the agent's name. */
  static void publicEvent(DSLContext sql, Agent agent, String type, ObjectNode metadata) {
    event(sql, agent.ownerId(), agent.id(), type, metadata, true);
  }

  /** As {@link #publicEvent}, for an agent whose row goes in the same transaction. */
  static void deleted(DSLContext sql, Agent agent) {
    event(sql, agent.ownerId(), null, "agent_deleted", named(agent), true);
  }

  static ObjectNode named(Agent agent) {
    return Json.object().put("agent_name", agent.name());
  }

  /** The outcome of a deployment. */
  static void outcome(
      DSLContext sql,
      UUID agentId,
      boolean success,
      String step,
      @Nullable String error,
      Duration duration) {
    sql.insertInto(DEPLOYMENT_HISTORY)
        .set(DEPLOYMENT_HISTORY.ID, UUID.randomUUID())
        .set(DEPLOYMENT_HISTORY.AGENT_ID, agentId)
        .set(DEPLOYMENT_HISTORY.STATUS, success ? "success" : "failed")
        .set(DEPLOYMENT_HISTORY.STEP, step)
        .set(DEPLOYMENT_HISTORY.ERROR_MESSAGE, error)
        .set(DEPLOYMENT_HISTORY.DURATION_SECONDS, Math.toIntExact(duration.toSeconds()))
        .execute();
  }

  private static void event(
      DSLContext sql,
      UUID userId,
      @Nullable UUID agentId,
      String type,
      ObjectNode metadata,
      boolean isPublic) {
    sql.insertInto(ACTIVITY_EVENTS)
        .set(ACTIVITY_EVENTS.ID, UUID.randomUUID())
        .set(ACTIVITY_EVENTS.USER_ID, userId)
        .set(ACTIVITY_EVENTS.AGENT_ID, agentId)
        .set(ACTIVITY_EVENTS.EVENT_TYPE, type)
        .set(ACTIVITY_EVENTS.METADATA_JSON, JSON.json(Json.write(metadata)))
        .set(ACTIVITY_EVENTS.IS_PUBLIC, isPublic)
        .set(ACTIVITY_EVENTS.CREATED_AT, currentInstant())
        .execute();
  }
}
