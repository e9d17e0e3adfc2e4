package ai.liberclaw.api.activity;

import static ai.liberclaw.db.platform.Tables.ACTIVITY_EVENTS;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jspecify.annotations.Nullable;

/** Writes activity events. Each method works in the transaction it is given. */
public final class ActivityStore {
  private final Clock clock;

  public ActivityStore(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param method how: {@code guest}, {@code magic_link}, …
   */
  public void userLogin(DSLContext sql, UUID userId, String method) {
    insert(sql, userId, Optional.empty(), "user_login", Json.object().put("method", method), false);
  }

  public void chatMessage(DSLContext sql, UUID userId, UUID agentId, String agentName) {
    insert(
        sql,
        userId,
        Optional.of(agentId),
        "chat_message",
        Json.object().put("agent_name", agentName),
        true);
  }

  private void insert(
      DSLContext sql,
      UUID userId,
      Optional<UUID> agentId,
      String type,
      ObjectNode metadata,
      boolean isPublic) {
    @Nullable UUID agent = agentId.orElse(null);
    sql.insertInto(ACTIVITY_EVENTS)
        .set(ACTIVITY_EVENTS.ID, UUID.randomUUID())
        .set(ACTIVITY_EVENTS.USER_ID, userId)
        .set(ACTIVITY_EVENTS.AGENT_ID, agent)
        .set(ACTIVITY_EVENTS.EVENT_TYPE, type)
        .set(ACTIVITY_EVENTS.METADATA_JSON, JSON.json(Json.write(metadata)))
        .set(ACTIVITY_EVENTS.IS_PUBLIC, isPublic)
        .set(ACTIVITY_EVENTS.CREATED_AT, clock.instant().truncatedTo(ChronoUnit.MICROS))
        .execute();
  }
}
