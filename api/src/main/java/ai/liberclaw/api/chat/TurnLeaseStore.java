package ai.liberclaw.api.chat;

import static ai.liberclaw.db.platform.Tables.CHAT_TURN_LEASES;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jooq.DSLContext;

/** The one running turn of a conversation with an agent that has no queue. */
final class TurnLeaseStore {
  private final DSLContext sql;

  TurnLeaseStore(DSLContext sql) {
    this.sql = sql;
  }

  /** False while somebody else's turn runs. */
  boolean take(String chatId, UUID agentId, String owner, Instant now, Instant until) {
    return sql.insertInto(CHAT_TURN_LEASES)
            .set(CHAT_TURN_LEASES.CHAT_ID, chatId)
            .set(CHAT_TURN_LEASES.AGENT_ID, agentId)
            .set(CHAT_TURN_LEASES.LEASE_OWNER, owner)
            .set(CHAT_TURN_LEASES.LEASE_UNTIL, until)
            .set(CHAT_TURN_LEASES.STOP_REQUESTED, false)
            .set(CHAT_TURN_LEASES.CREATED_AT, now)
            .onConflict(CHAT_TURN_LEASES.CHAT_ID)
            .doUpdate()
            .set(CHAT_TURN_LEASES.LEASE_OWNER, owner)
            .set(CHAT_TURN_LEASES.LEASE_UNTIL, until)
            .set(CHAT_TURN_LEASES.STOP_REQUESTED, false)
            .set(CHAT_TURN_LEASES.CREATED_AT, now)
            .where(CHAT_TURN_LEASES.LEASE_UNTIL.lt(now))
            .execute()
        == 1;
  }

  /** Renews those of the leases that still are their owner's. */
  void renew(Collection<String> owners, Instant until) {
    sql.update(CHAT_TURN_LEASES)
        .set(CHAT_TURN_LEASES.LEASE_UNTIL, until)
        .where(CHAT_TURN_LEASES.LEASE_OWNER.in(owners))
        .execute();
  }

  /** Those of the owners whose turns somebody asked to stop. */
  List<String> stopRequested(Collection<String> owners) {
    return sql.select(CHAT_TURN_LEASES.LEASE_OWNER)
        .from(CHAT_TURN_LEASES)
        .where(CHAT_TURN_LEASES.LEASE_OWNER.in(owners))
        .and(CHAT_TURN_LEASES.STOP_REQUESTED)
        .fetch(CHAT_TURN_LEASES.LEASE_OWNER);
  }

  void release(String owner) {
    sql.deleteFrom(CHAT_TURN_LEASES).where(CHAT_TURN_LEASES.LEASE_OWNER.eq(owner)).execute();
  }

  boolean isRunning(String chatId, Instant now) {
    return sql.fetchExists(
        CHAT_TURN_LEASES,
        CHAT_TURN_LEASES.CHAT_ID.eq(chatId).and(CHAT_TURN_LEASES.LEASE_UNTIL.gt(now)));
  }

  /** True when a turn runs and was asked to stop. */
  boolean requestStop(String chatId, Instant now) {
    return sql.update(CHAT_TURN_LEASES)
            .set(CHAT_TURN_LEASES.STOP_REQUESTED, true)
            .where(CHAT_TURN_LEASES.CHAT_ID.eq(chatId))
            .and(CHAT_TURN_LEASES.LEASE_UNTIL.gt(now))
            .execute()
        == 1;
  }
}
