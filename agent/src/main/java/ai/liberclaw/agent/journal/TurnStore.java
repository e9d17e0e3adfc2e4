package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.turn.Journal.Unfinished;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.agent.turn.TurnState;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.impl.DSL;

/** The turns' own rows: their order, their state. */
final class TurnStore {
  /** The message while the turn waits; later it is the user's row. */
  private static final Field<String> SAID =
      DSL.coalesce(
              TURNS.MESSAGE,
              DSL.select(MESSAGES.CONTENT)
                  .from(MESSAGES)
                  .where(MESSAGES.TURN_ID.eq(TURNS.ID))
                  .and(MESSAGES.ROLE.eq("user"))
                  .orderBy(MESSAGES.ID)
                  .limit(1)
                  .asField(),
              DSL.inline(""))
          .as("said");

  private static final List<SelectField<?>> COLUMNS =
      List.of(
          TURNS.ID,
          TURNS.CHAT_ID,
          SAID,
          TURNS.MODE,
          TURNS.RESUMES,
          TURNS.APPROVALS,
          TURNS.POLICY,
          TURNS.STATE,
          TURNS.RESTARTS);

  private final DSLContext sql;

  TurnStore(DSLContext sql) {
    this.sql = sql;
  }

  Turn insert(Transaction tx, NewTurn turn) {
    String id = UUID.randomUUID().toString();
    long last =
        tx.sql()
            .select(DSL.coalesce(DSL.max(TURNS.POSITION), 0L))
            .from(TURNS)
            .fetchSingle()
            .value1();
    tx.sql()
        .insertInto(TURNS)
        .set(TURNS.ID, id)
        .set(TURNS.CHAT_ID, turn.chatId())
        .set(TURNS.CLIENT_MESSAGE_ID, turn.clientMessageId().orElse(null))
        .set(TURNS.STATE, TurnState.WAITING.wireName())
        .set(TURNS.MODE, turn.mode())
        .set(TURNS.MESSAGE, turn.message())
        .set(TURNS.RESUMES, turn.resumes())
        .set(TURNS.APPROVALS, turn.approvals())
        .set(TURNS.POLICY, turn.policy().orElse(null))
        .set(TURNS.POSITION, last + 1)
        .set(TURNS.CREATED_AT, System.currentTimeMillis())
        .execute();
    return new Turn(
        id,
        turn.chatId(),
        turn.message(),
        turn.mode(),
        turn.resumes(),
        turn.approvals(),
        turn.policy());
  }

  Optional<Turn> find(String chatId, String clientMessageId) {
    return findWhere(TURNS.CHAT_ID.eq(chatId).and(TURNS.CLIENT_MESSAGE_ID.eq(clientMessageId)));
  }

  Optional<Turn> find(String id) {
    return findWhere(TURNS.ID.eq(id));
  }

  List<Unfinished> unfinished() {
    return unfinishedWhere(DSL.noCondition());
  }

  List<Unfinished> unfinishedBefore(Turn turn) {
    return unfinishedWhere(
        TURNS
            .CHAT_ID
            .eq(turn.chatId())
            .and(
                TURNS.POSITION.lt(
                    DSL.select(TURNS.as("later").POSITION)
                        .from(TURNS.as("later"))
                        .where(TURNS.as("later").ID.eq(turn.id())))));
  }

  private List<Unfinished> unfinishedWhere(Condition condition) {
    return sql.select(COLUMNS)
        .from(TURNS)
        .where(
            TURNS.STATE.in(
                TurnState.WAITING.wireName(),
                TurnState.RUNNING.wireName(),
                TurnState.PAUSED.wireName()))
        .and(condition)
        .orderBy(TURNS.POSITION)
        .fetch(row ->
            new Unfinished(turn(row), TurnState.of(row.get(TURNS.STATE)), row.get(TURNS.RESTARTS)));
  }

  void started(Transaction tx, Turn turn) {
    tx.sql()
        .update(TURNS)
        .set(TURNS.STATE, TurnState.RUNNING.wireName())
        .set(TURNS.STARTED_AT, System.currentTimeMillis())
        .setNull(TURNS.MESSAGE)
        .where(TURNS.ID.eq(turn.id()))
        .execute();
  }

  /** It waits for somebody's answer. */
  void paused(Transaction tx, Turn turn) {
    move(tx, turn, TurnState.RUNNING, TurnState.PAUSED);
  }

  void unpaused(Transaction tx, Turn turn) {
    move(tx, turn, TurnState.PAUSED, TurnState.RUNNING);
  }

  private static void move(Transaction tx, Turn turn, TurnState from, TurnState to) {
    tx.sql()
        .update(TURNS)
        .set(TURNS.STATE, to.wireName())
        .where(TURNS.ID.eq(turn.id()))
        .and(TURNS.STATE.eq(from.wireName()))
        .execute();
  }

  /** Counts for a turn that runs; a paused one has nothing that could fail. */
  void addRestarts(Transaction tx, Turn turn, int more) {
    tx.sql()
        .update(TURNS)
        .set(TURNS.RESTARTS, TURNS.RESTARTS.plus(more))
        .where(TURNS.ID.eq(turn.id()))
        .and(TURNS.STATE.eq(TurnState.RUNNING.wireName()))
        .execute();
  }

  void ended(Transaction tx, Turn turn, TurnState state, Optional<TurnFailure> failure) {
    tx.sql()
        .update(TURNS)
        .set(TURNS.STATE, state.wireName())
        .set(TURNS.ERROR_CODE, failure.map(TurnFailure::code).orElse(null))
        .set(TURNS.ENDED_AT, System.currentTimeMillis())
        .setNull(TURNS.MESSAGE)
        .where(TURNS.ID.eq(turn.id()))
        .execute();
  }

  private Optional<Turn> findWhere(Condition condition) {
    return sql.select(COLUMNS).from(TURNS).where(condition).fetchOptional(TurnStore::turn);
  }

  private static Turn turn(Record row) {
    return new Turn(
        row.get(TURNS.ID),
        row.get(TURNS.CHAT_ID),
        row.get(SAID),
        row.get(TURNS.MODE),
        row.get(TURNS.RESUMES),
        row.get(TURNS.APPROVALS),
        Optional.ofNullable(row.get(TURNS.POLICY)));
  }
}
