package ai.liberclaw.deploy.activity;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.val;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jooq.ResultQuery;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Writes activity events, each in the transaction that does what it tells of. */
public final class ActivityStore {
  private ActivityStore() {}

  /** An event that only the user sees. */
  public static void ownEvent(
      DSLContext sql, UUID userId, @Nullable UUID agentId, String type, ObjectNode metadata) {
    insert(sql, userId, agentId, type, metadata, false);
  }

  /**
   * An event of the public feed, which shows it without the agent's name.
   *
   * @param agentId null for an agent whose row goes in the same transaction
   */
  public static void publicEvent(
      DSLContext sql, UUID userId, @Nullable UUID agentId, String type, ObjectNode metadata) {
    insert(sql, userId, agentId, type, metadata, true);
  }

  /**
   * As {@link #publicEvent}, for each row of a table: a part of another statement.
   *
   * @param cause what the other parts of the statement give
   */
  public static ResultQuery<?> publicEventFor(
      Table<?> cause, UUID userId, UUID agentId, String type, ObjectNode metadata) {
    return DSL.insertInto(
            ACTIVITY_EVENTS,
            ACTIVITY_EVENTS.ID,
            ACTIVITY_EVENTS.USER_ID,
            ACTIVITY_EVENTS.AGENT_ID,
            ACTIVITY_EVENTS.EVENT_TYPE,
            ACTIVITY_EVENTS.METADATA_JSON,
            ACTIVITY_EVENTS.IS_PUBLIC,
            ACTIVITY_EVENTS.CREATED_AT)
        .select(
            select(
                    val(UUID.randomUUID()),
                    val(userId),
                    val(agentId),
                    val(type),
                    val(JSON.json(Json.write(metadata))),
                    val(true),
                    currentInstant())
                .from(cause))
        .returningResult(ACTIVITY_EVENTS.ID);
  }

  /**
   * @param method how: {@code guest}, {@code magic_link}, …
   */
  public static void userLogin(DSLContext sql, UUID userId, String method) {
    ownEvent(sql, userId, null, "user_login", Json.object().put("method", method));
  }

  /**
   * Takes a user out of what is told of them: the public events stay, without names; those that
   * only they saw go.
   */
  public static void anonymise(DSLContext sql, UUID userId) {
    sql.deleteFrom(ACTIVITY_EVENTS)
        .where(ACTIVITY_EVENTS.USER_ID.eq(userId))
        .and(ACTIVITY_EVENTS.IS_PUBLIC.isFalse())
        .execute();
    sql.update(ACTIVITY_EVENTS)
        .setNull(ACTIVITY_EVENTS.USER_ID)
        .setNull(ACTIVITY_EVENTS.AGENT_ID)
        .set(ACTIVITY_EVENTS.METADATA_JSON, JSON.json("{}"))
        .where(ACTIVITY_EVENTS.USER_ID.eq(userId))
        .execute();
  }

  /** The facts of an event about an agent. */
  public static ObjectNode named(String agentName) {
    return Json.object().put("agent_name", agentName);
  }

  private static void insert(
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
