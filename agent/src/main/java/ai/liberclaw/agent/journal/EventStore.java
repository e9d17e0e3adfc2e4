package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.CHATS;
import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.turn.EventSource;
import ai.liberclaw.agent.turn.LoggedEvent;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnEvent;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** The chats' event logs and counters. */
public final class EventStore implements EventSource {
  private final DSLContext sql;
  private final TurnStore turns;
  private final CommitQueue commits;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is stored
   */
  public EventStore(DSLContext sql, CommitQueue commits, UnaryOperator<String> mask) {
    this.sql = sql;
    this.turns = new TurnStore(sql);
    this.commits = commits;
    this.mask = mask;
  }

  @Override
  public List<LoggedEvent> after(String chatId, long seq, int limit) {
    return sql.select(EVENTS.CHAT_ID, EVENTS.SEQ, EVENTS.TURN_ID, EVENTS.TYPE, EVENTS.JSON)
        .from(EVENTS)
        .where(EVENTS.CHAT_ID.eq(chatId))
        .and(EVENTS.SEQ.gt(seq))
        .orderBy(EVENTS.SEQ)
        .limit(limit)
        .fetch(r -> new LoggedEvent(r.value1(), r.value2(), r.value3(), r.value4(), r.value5()));
  }

  @Override
  public long lastSeq(String chatId) {
    return sql.select(CHATS.LAST_SEQ)
        .from(CHATS)
        .where(CHATS.ID.eq(chatId))
        .fetchOptional(CHATS.LAST_SEQ)
        .orElse(0L);
  }

  @Override
  public Optional<Long> firstSeq(String chatId) {
    return sql.select(DSL.min(EVENTS.SEQ))
        .from(EVENTS)
        .where(EVENTS.CHAT_ID.eq(chatId))
        .fetchOptional(0, Long.class);
  }

  @Override
  public Optional<Long> firstSeqOf(String turnId) {
    return sql.select(TURNS.FIRST_SEQ)
        .from(TURNS)
        .where(TURNS.ID.eq(turnId))
        .fetchOptional(TURNS.FIRST_SEQ);
  }

  @Override
  public Optional<Turn> turn(String turnId) {
    return turns.find(turnId);
  }

  @Override
  public void delivered(Turn turn) {
    withdraw(PENDING_MESSAGES.TURN_ID.eq(turn.id()));
  }

  @Override
  public void deliveredUpTo(String chatId, long seq) {
    withdraw(
        PENDING_MESSAGES
            .CHAT_ID
            .eq(chatId)
            .and(
                DSL.coalesce(
                        DSL.select(DSL.max(EVENTS.SEQ))
                            .from(EVENTS)
                            .where(EVENTS.TURN_ID.eq(PENDING_MESSAGES.TURN_ID))
                            .asField(),
                        0L)
                    .le(seq))
            .and(PENDING_MESSAGES.TURN_ID.isNotNull()));
  }

  @Override
  public void undelivered(Turn turn) {
    commits.run(tx ->
        tx.sql()
            .select(MESSAGES.CONTENT)
            .from(MESSAGES)
            .where(MESSAGES.TURN_ID.eq(turn.id()))
            .and(MESSAGES.ROLE.eq("assistant"))
            .orderBy(MESSAGES.ID.desc())
            .limit(1)
            .fetchOptional(MESSAGES.CONTENT)
            .ifPresent(text ->
                NoticeStore.insert(
                    tx, new Notice(turn.chatId(), Notice.CHAT, text), Optional.of(turn.id()))));
  }

  /** Gives the events of a turn the next numbers of their chat. */
  void append(Transaction tx, Turn turn, List<TurnEvent> events) {
    append(tx, turn.chatId(), turn.id(), events);
  }

  /** Gives the events of a turn the next numbers of their chat. */
  void append(Transaction tx, String chatId, String turnId, List<TurnEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    long count = events.size();
    // No "returning": after an upsert jOOQ's emulation for SQLite reads another row.
    tx.sql()
        .insertInto(CHATS, CHATS.ID, CHATS.LAST_SEQ)
        .values(chatId, count)
        .onConflict(CHATS.ID)
        .doUpdate()
        .set(CHATS.LAST_SEQ, CHATS.LAST_SEQ.plus(count))
        .execute();
    long last =
        tx.sql()
            .select(CHATS.LAST_SEQ)
            .from(CHATS)
            .where(CHATS.ID.eq(chatId))
            .fetchSingle(CHATS.LAST_SEQ);
    long seq = last - count;
    tx.sql()
        .update(TURNS)
        .set(TURNS.FIRST_SEQ, seq + 1)
        .where(TURNS.ID.eq(turnId))
        .and(TURNS.FIRST_SEQ.isNull())
        .execute();
    long now = System.currentTimeMillis();
    for (TurnEvent event : events) {
      seq++;
      String json = mask.apply(event.json(seq, now));
      tx.sql()
          .insertInto(
              EVENTS,
              EVENTS.CHAT_ID,
              EVENTS.SEQ,
              EVENTS.TURN_ID,
              EVENTS.TYPE,
              EVENTS.JSON,
              EVENTS.CREATED_AT)
          .values(chatId, seq, turnId, event.wireName(), json, now)
          .execute();
      tx.events().add(new LoggedEvent(chatId, seq, turnId, event.wireName(), json));
    }
  }

  private void withdraw(Condition which) {
    Condition rows = which.and(PENDING_MESSAGES.SOURCE.eq(Notice.CHAT));
    // Most readers have nothing to withdraw; a look costs no disk flush.
    if (sql.fetchExists(PENDING_MESSAGES, rows)) {
      commits.run(tx -> tx.sql().deleteFrom(PENDING_MESSAGES).where(rows).execute());
    }
  }
}
