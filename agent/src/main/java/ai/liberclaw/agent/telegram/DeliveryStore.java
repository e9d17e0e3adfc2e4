package ai.liberclaw.agent.telegram;

import static ai.liberclaw.db.agent.Tables.PENDING_ARCHIVE;
import static ai.liberclaw.db.agent.Tables.PENDING_CURSORS;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;
import static ai.liberclaw.db.agent.Tables.TELEGRAM_OFFSETS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.turn.Notice;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.DSLContext;

/** How far the bot has got: with Telegram's updates, and with what its chats are to be told. */
final class DeliveryStore {
  /** A chat's cursor holds the number of an event, not of a row as the cursors of channels do. */
  private static final String CURSOR = "__telegram:";

  private static final String EVENT_SOURCE = "subagent_event";

  private final DSLContext sql;
  private final CommitQueue commits;

  /** A message that waits for a chat. */
  record Waiting(long id, String chatId, String content, String source, String createdAt) {}

  DeliveryStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  /** The update that comes next; empty when this bot has never had one. */
  Optional<Long> nextUpdate(String botId) {
    return sql.select(TELEGRAM_OFFSETS.NEXT_UPDATE)
        .from(TELEGRAM_OFFSETS)
        .where(TELEGRAM_OFFSETS.BOT_ID.eq(botId))
        .fetchOptional(TELEGRAM_OFFSETS.NEXT_UPDATE);
  }

  void setNextUpdate(String botId, long next) {
    commits.run(tx ->
        tx.sql()
            .insertInto(TELEGRAM_OFFSETS, TELEGRAM_OFFSETS.BOT_ID, TELEGRAM_OFFSETS.NEXT_UPDATE)
            .values(botId, next)
            .onConflict(TELEGRAM_OFFSETS.BOT_ID)
            .doUpdate()
            .set(TELEGRAM_OFFSETS.NEXT_UPDATE, next)
            .execute());
  }

  /** The number of the last event that a chat was told; empty when it was never asked for. */
  Optional<Long> told(String conversation) {
    return sql.select(PENDING_CURSORS.LAST_ID)
        .from(PENDING_CURSORS)
        .where(PENDING_CURSORS.CHANNEL.eq(CURSOR + conversation))
        .fetchOptional(PENDING_CURSORS.LAST_ID);
  }

  void setTold(String conversation, long seq) {
    commits.run(tx ->
        tx.sql()
            .insertInto(PENDING_CURSORS, PENDING_CURSORS.CHANNEL, PENDING_CURSORS.LAST_ID)
            .values(CURSOR + conversation, seq)
            .onConflict(PENDING_CURSORS.CHANNEL)
            .doUpdate()
            .set(PENDING_CURSORS.LAST_ID, seq)
            .execute());
  }

  /** Turns of a chat that have not ended. */
  int openTurns(String conversation) {
    return sql.fetchCount(TURNS, TURNS.CHAT_ID.eq(conversation).and(TURNS.ENDED_AT.isNull()));
  }

  /** True when a message became a turn before. */
  boolean isKnown(String conversation, String clientMessageId) {
    return sql.fetchExists(
        TURNS, TURNS.CHAT_ID.eq(conversation).and(TURNS.CLIENT_MESSAGE_ID.eq(clientMessageId)));
  }

  /**
   * What waits for these chats, oldest first. Final texts of turns are left out: their chat's
   * events have them.
   */
  List<Waiting> waiting(Set<String> conversations, int max) {
    return sql.select(
            PENDING_MESSAGES.ID,
            PENDING_MESSAGES.CHAT_ID,
            PENDING_MESSAGES.CONTENT,
            PENDING_MESSAGES.SOURCE,
            PENDING_MESSAGES.CREATED_AT)
        .from(PENDING_MESSAGES)
        .where(PENDING_MESSAGES.CHAT_ID.in(conversations))
        .and(PENDING_MESSAGES.SOURCE.notIn(Notice.CHAT, EVENT_SOURCE))
        .orderBy(PENDING_MESSAGES.ID)
        .limit(max)
        .fetch(r -> new Waiting(r.value1(), r.value2(), r.value3(), r.value4(), r.value5()));
  }

  /** A message has been sent: it goes to the archive, as one that was fetched. */
  void sent(Waiting message) {
    commits.run(tx -> {
      int found =
          tx.sql()
              .deleteFrom(PENDING_MESSAGES)
              .where(PENDING_MESSAGES.ID.eq(message.id()))
              .execute();
      if (found > 0) {
        tx.sql()
            .insertInto(PENDING_ARCHIVE)
            .set(PENDING_ARCHIVE.ID, message.id())
            .set(PENDING_ARCHIVE.CHAT_ID, message.chatId())
            .set(PENDING_ARCHIVE.CONTENT, message.content())
            .set(PENDING_ARCHIVE.SOURCE, message.source())
            .set(PENDING_ARCHIVE.CREATED_AT, message.createdAt())
            .set(PENDING_ARCHIVE.HANDED_AT, System.currentTimeMillis())
            .execute();
      }
    });
  }
}
