package ai.liberclaw.deploy.activity;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What the platform itself tells an agent's owner: a message where the agent's own come, and an
 * event of the owner's feed. Works in the context it is given.
 */
public final class OwnerNoticeStore {
  private static final String SOURCE = "platform";

  private OwnerNoticeStore() {}

  /**
   * Nothing when the agent is gone.
   *
   * @param event type of the feed's event
   * @param text plain, for the owner
   */
  public static void tell(
      DSLContext sql, UUID agentId, UUID instanceId, String event, String text, Instant now) {
    tell(sql, agentId, instanceId, event, Json.object(), text, now);
  }

  /**
   * As {@link #tell(DSLContext, UUID, UUID, String, String, Instant)}, of the agent whatever it
   * lives in.
   *
   * @param facts of the feed's event, beside the agent's name
   */
  public static void tell(
      DSLContext sql, UUID agentId, String event, ObjectNode facts, String text, Instant now) {
    tell(sql, agentId, null, event, facts, text, now);
  }

  private static void tell(
      DSLContext sql,
      UUID agentId,
      @Nullable UUID instanceId,
      String event,
      ObjectNode facts,
      String text,
      Instant now) {
    sql.select(AGENTS.OWNER_ID, AGENTS.NAME)
        .from(AGENTS)
        .where(AGENTS.ID.eq(agentId))
        .fetchOptional()
        .ifPresent(row -> {
          UUID owner = row.value1();
          ActivityStore.ownEvent(
              sql, owner, agentId, event, ActivityStore.named(row.value2()).setAll(facts));
          message(sql, agentId, instanceId, owner.toString(), text, now);
        });
  }

  private static void message(
      DSLContext sql,
      UUID agentId,
      @Nullable UUID instanceId,
      String chatId,
      String text,
      Instant now) {
    sql.insertInto(PENDING_OUTBOX)
        .set(PENDING_OUTBOX.ID, UUID.randomUUID())
        .set(PENDING_OUTBOX.AGENT_ID, agentId)
        .set(PENDING_OUTBOX.INSTANCE_ID, instanceId)
        .set(PENDING_OUTBOX.CHAT_ID, chatId)
        .set(PENDING_OUTBOX.CHANNEL, "web")
        .set(PENDING_OUTBOX.CONTENT, text)
        .set(PENDING_OUTBOX.SOURCE, SOURCE)
        .set(PENDING_OUTBOX.AGENT_CREATED_AT, now.toString())
        .set(PENDING_OUTBOX.CREATED_AT, now)
        .execute();
  }
}
