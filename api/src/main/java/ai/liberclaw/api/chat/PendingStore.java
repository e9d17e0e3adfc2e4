package ai.liberclaw.api.chat;

import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Messages that agents sent on their own and nobody has got yet, for api and bot alike. */
final class PendingStore {
  private static final String WEB = "web";

  private final DSLContext sql;

  PendingStore(DSLContext sql) {
    this.sql = sql;
  }

  /**
   * A message as its agent gave it.
   *
   * @param rowId its number in the agent, which makes a second reading harmless
   */
  record Incoming(
      Optional<Long> rowId, String chatId, String content, String source, String createdAt) {}

  /** A message to deliver. */
  record Row(UUID id, String chatId, String content, String source, String createdAt) {}

  /** Keeps messages, all or none; one that is known already is left as it is. */
  void insert(UUID agentId, Optional<UUID> instanceId, List<Incoming> messages, Instant now) {
    sql.transaction(tx -> {
      for (Incoming message : messages) {
        tx.dsl()
            .insertInto(PENDING_OUTBOX)
            .set(PENDING_OUTBOX.ID, UUID.randomUUID())
            .set(PENDING_OUTBOX.AGENT_ID, agentId)
            .set(PENDING_OUTBOX.INSTANCE_ID, instanceId.orElse(null))
            .set(PENDING_OUTBOX.ROW_ID, message.rowId().orElse(null))
            .set(PENDING_OUTBOX.CHAT_ID, message.chatId())
            .set(PENDING_OUTBOX.CHANNEL, channel(message.chatId()))
            .set(PENDING_OUTBOX.CONTENT, message.content())
            .set(PENDING_OUTBOX.SOURCE, message.source())
            .set(PENDING_OUTBOX.AGENT_CREATED_AT, message.createdAt())
            .set(PENDING_OUTBOX.CREATED_AT, now)
            .onConflictDoNothing()
            .execute();
      }
    });
  }

  /**
   * Takes what waits for the web conversation of an agent's owner, oldest first. Until the given
   * time nobody else gets it, on any server; after that it waits again, unless it is delivered.
   */
  List<Row> claim(UUID agentId, int max, Instant now, Instant until) {
    var waiting =
        sql.select(PENDING_OUTBOX.ID)
            .from(PENDING_OUTBOX)
            .where(PENDING_OUTBOX.CHANNEL.eq(WEB))
            .and(PENDING_OUTBOX.AGENT_ID.eq(agentId))
            .and(PENDING_OUTBOX.DELIVERED_AT.isNull())
            .and(PENDING_OUTBOX.CLAIMED_UNTIL.isNull().or(PENDING_OUTBOX.CLAIMED_UNTIL.lt(now)))
            .orderBy(PENDING_OUTBOX.POSITION)
            .limit(max)
            .forUpdate()
            .skipLocked();
    return sql.update(PENDING_OUTBOX)
        .set(PENDING_OUTBOX.CLAIMED_UNTIL, until)
        .where(PENDING_OUTBOX.ID.in(waiting))
        .returningResult(
            PENDING_OUTBOX.POSITION,
            PENDING_OUTBOX.ID,
            PENDING_OUTBOX.CHAT_ID,
            PENDING_OUTBOX.CONTENT,
            PENDING_OUTBOX.SOURCE,
            PENDING_OUTBOX.AGENT_CREATED_AT)
        .fetch()
        .sortAsc(PENDING_OUTBOX.POSITION)
        .map(row -> new Row(row.value2(), row.value3(), row.value4(), row.value5(), row.value6()));
  }

  void delivered(Collection<UUID> ids, Instant now) {
    sql.update(PENDING_OUTBOX)
        .set(PENDING_OUTBOX.DELIVERED_AT, now)
        .where(PENDING_OUTBOX.ID.in(ids))
        .execute();
  }

  /** Lets claimed messages that nobody took wait again. */
  void release(Collection<UUID> ids) {
    sql.update(PENDING_OUTBOX)
        .setNull(PENDING_OUTBOX.CLAIMED_UNTIL)
        .where(PENDING_OUTBOX.ID.in(ids))
        .execute();
  }

  /** Telegram conversations are the bot's; everything else is the owner's on the web. */
  private static String channel(String chatId) {
    return chatId.startsWith("tg:") || chatId.matches("-?[0-9]+") ? "telegram" : WEB;
  }
}
