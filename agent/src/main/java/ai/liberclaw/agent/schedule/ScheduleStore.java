package ai.liberclaw.agent.schedule;

import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;
import static ai.liberclaw.db.agent.Tables.SCHEDULES;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;

/** When jobs last came due, in the agent's own file. Each change is one transaction. */
public final class ScheduleStore {
  private final DSLContext sql;
  private final CommitQueue commits;

  public ScheduleStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  /** All memos by key; where a process ended before it could note a run's end, by its turn. */
  Map<String, Memo> load() {
    Map<String, Memo> memos = new HashMap<>();
    sql.select(
            SCHEDULES.JOB_ID,
            SCHEDULES.LAST_DUE_AT,
            SCHEDULES.TURN_ID,
            SCHEDULES.STATE,
            TURNS.STATE)
        .from(SCHEDULES)
        .leftJoin(TURNS)
        .on(TURNS.ID.eq(SCHEDULES.TURN_ID))
        .forEach(row -> {
          Optional<TurnState> noted = Optional.ofNullable(row.value4()).map(TurnState::of);
          Optional<TurnState> turn = Optional.ofNullable(row.value5()).map(TurnState::of);
          memos.put(
              row.value1(),
              new Memo(
                  Instant.ofEpochMilli(row.value2()),
                  Optional.ofNullable(row.value3()),
                  noted.filter(TurnState.RUNNING::equals).isPresent() ? turn : noted));
        });
    return memos;
  }

  void put(String key, Memo memo) {
    commits.run(tx ->
        tx.sql()
            .insertInto(SCHEDULES)
            .set(SCHEDULES.JOB_ID, key)
            .set(SCHEDULES.LAST_DUE_AT, memo.handled().toEpochMilli())
            .set(SCHEDULES.TURN_ID, memo.turnId().orElse(null))
            .set(SCHEDULES.STATE, memo.state().map(TurnState::wireName).orElse(null))
            .onConflict(SCHEDULES.JOB_ID)
            .doUpdate()
            .set(SCHEDULES.LAST_DUE_AT, memo.handled().toEpochMilli())
            .set(SCHEDULES.TURN_ID, memo.turnId().orElse(null))
            .set(SCHEDULES.STATE, memo.state().map(TurnState::wireName).orElse(null))
            .execute());
  }

  void delete(String key) {
    commits.run(tx -> tx.sql().deleteFrom(SCHEDULES).where(SCHEDULES.JOB_ID.eq(key)).execute());
  }

  /** Notes something that no stream carries. */
  void event(String chatId, String type, ObjectNode payload) {
    commits.run(tx ->
        tx.sql()
            .insertInto(RUNTIME_EVENTS)
            .set(RUNTIME_EVENTS.CHAT_ID, chatId)
            .set(RUNTIME_EVENTS.TYPE, type)
            .set(RUNTIME_EVENTS.PAYLOAD, Json.write(payload))
            .execute());
  }
}
