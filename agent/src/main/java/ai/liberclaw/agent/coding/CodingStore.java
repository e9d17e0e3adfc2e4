package ai.liberclaw.agent.coding;

import static ai.liberclaw.db.agent.Tables.CODING_TASKS;
import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.coding.CodingTask.Mode;
import ai.liberclaw.agent.coding.CodingTask.State;
import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.agent.turn.TurnState;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** The tasks in the agent's own file. Each change is one transaction. */
public final class CodingStore {
  private static final String CHECKPOINT = "coding_task.checkpoint";

  private final DSLContext sql;
  private final CommitQueue commits;

  public CodingStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  void add(CodingTask task) {
    commits.run(tx ->
        tx.sql()
            .insertInto(CODING_TASKS)
            .set(CODING_TASKS.ID, task.id())
            .set(CODING_TASKS.CHAT_ID, task.chatId())
            .set(CODING_TASKS.MODE, task.mode().wireName())
            .set(CODING_TASKS.TASK, task.message())
            .set(CODING_TASKS.STATE, task.state().wireName())
            .set(CODING_TASKS.CREATED_AT, task.createdAt().toEpochMilli())
            .execute());
  }

  Optional<CodingTask> find(String id) {
    return select(CODING_TASKS.ID.eq(id)).stream().findFirst();
  }

  /** Tasks that have not ended, oldest first. */
  List<CodingTask> running() {
    return select(CODING_TASKS.STATE.eq(State.RUNNING.wireName()));
  }

  /** What became of the checkpoint, kept where the chat's other events are. */
  void checkpointed(CodingTask task, CheckpointOutcome outcome) {
    commits.run(tx ->
        tx.sql()
            .insertInto(RUNTIME_EVENTS)
            .set(RUNTIME_EVENTS.CHAT_ID, task.chatId())
            .set(RUNTIME_EVENTS.TYPE, CHECKPOINT)
            .set(
                RUNTIME_EVENTS.PAYLOAD,
                Json.write(
                    Json.object()
                        .put("status", outcome.status())
                        .put("content", outcome.content())))
            .set(RUNTIME_EVENTS.CREATED_AT, Timestamps.now())
            .execute());
  }

  Optional<CheckpointOutcome> checkpoint(CodingTask task) {
    return sql.select(RUNTIME_EVENTS.PAYLOAD)
        .from(RUNTIME_EVENTS)
        .where(RUNTIME_EVENTS.CHAT_ID.eq(task.chatId()))
        .and(RUNTIME_EVENTS.TYPE.eq(CHECKPOINT))
        .orderBy(RUNTIME_EVENTS.ID.desc())
        .limit(1)
        .fetchOptional(RUNTIME_EVENTS.PAYLOAD)
        .map(payload -> {
          JsonNode json = Json.parse(payload);
          return new CheckpointOutcome(
              json.path("status").asText().equals("ok"), json.path("content").asText());
        });
  }

  void submitted(String id, String turnId) {
    commits.run(tx ->
        tx.sql()
            .update(CODING_TASKS)
            .set(CODING_TASKS.TURN_ID, turnId)
            .where(CODING_TASKS.ID.eq(id))
            .execute());
  }

  /** A task has ended; one that has ended before stays as it is. */
  void end(String id, State state) {
    commits.run(tx ->
        tx.sql()
            .update(CODING_TASKS)
            .set(CODING_TASKS.STATE, state.wireName())
            .set(CODING_TASKS.ENDED_AT, System.currentTimeMillis())
            .where(CODING_TASKS.ID.eq(id))
            .and(CODING_TASKS.STATE.eq(State.RUNNING.wireName()))
            .execute());
  }

  /** Where the turn of a task stands. */
  Optional<TurnState> turn(CodingTask task) {
    return task.turnId()
        .flatMap(id ->
            sql.select(TURNS.STATE)
                .from(TURNS)
                .where(TURNS.ID.eq(id))
                .fetchOptional(TURNS.STATE)
                .map(TurnState::of));
  }

  private List<CodingTask> select(Condition which) {
    return sql.select(
            CODING_TASKS.ID,
            CODING_TASKS.MODE,
            CODING_TASKS.TASK,
            CODING_TASKS.STATE,
            CODING_TASKS.TURN_ID,
            CODING_TASKS.CREATED_AT,
            CODING_TASKS.ENDED_AT)
        .from(CODING_TASKS)
        .where(which)
        .orderBy(CODING_TASKS.CREATED_AT, CODING_TASKS.ID)
        .fetch(row ->
            new CodingTask(
                row.value1(),
                Mode.of(row.value2()),
                row.value3(),
                State.of(row.value4()),
                Optional.ofNullable(row.value5()),
                Instant.ofEpochMilli(row.value6()),
                Optional.ofNullable(row.value7()).map(Instant::ofEpochMilli)));
  }
}
