package ai.liberclaw.agent.subagent;

import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.SUBAGENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.NoticeStore;
import ai.liberclaw.agent.subagent.SubagentRun.State;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SelectFieldOrAsterisk;
import org.jooq.impl.DSL;

/** The runs in the agent's own file. */
public final class SubagentStore implements SubagentRuns {
  private static final List<SelectFieldOrAsterisk> RUN =
      List.of(
          SUBAGENTS.ID,
          SUBAGENTS.CHAT_ID,
          SUBAGENTS.LABEL,
          SUBAGENTS.TASK,
          SUBAGENTS.ROLE,
          SUBAGENTS.PERSONA,
          SUBAGENTS.TIMEOUT_SECONDS);

  private static final List<SelectFieldOrAsterisk> OUTCOME =
      List.of(
          SUBAGENTS.STATE,
          SUBAGENTS.CREATED_AT,
          SUBAGENTS.STARTED_AT,
          SUBAGENTS.ENDED_AT,
          SUBAGENTS.RESULT,
          SUBAGENTS.ERROR);

  private static final Condition RUNNING = SUBAGENTS.STATE.eq(State.RUNNING.wireName());

  private final DSLContext sql;
  private final CommitQueue commits;

  public SubagentStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  @Override
  public void add(SubagentRun run, List<Notice> notices) {
    long now = System.currentTimeMillis();
    commits.run(tx -> {
      tx.sql()
          .insertInto(SUBAGENTS)
          .set(SUBAGENTS.ID, run.id())
          .set(SUBAGENTS.CHAT_ID, run.chatId())
          .set(SUBAGENTS.LABEL, run.label())
          .set(SUBAGENTS.TASK, run.task())
          .set(SUBAGENTS.ROLE, run.role().wireName())
          .set(SUBAGENTS.PERSONA, run.persona())
          .set(SUBAGENTS.TIMEOUT_SECONDS, (int) run.timeMax().toSeconds())
          .set(SUBAGENTS.STATE, State.RUNNING.wireName())
          .set(SUBAGENTS.CREATED_AT, now)
          .set(SUBAGENTS.STARTED_AT, now)
          .execute();
      notices.forEach(notice -> NoticeStore.insert(tx, notice, Optional.empty()));
    });
  }

  @Override
  public Optional<SubagentRun> find(String id) {
    return sql.select(RUN)
        .from(SUBAGENTS)
        .where(SUBAGENTS.ID.eq(id))
        .fetchOptional(SubagentStore::run);
  }

  @Override
  public void end(String id, State state, String text, List<Notice> notices) {
    boolean completed = state == State.COMPLETED;
    commits.run(tx -> {
      tx.sql()
          .update(SUBAGENTS)
          .set(SUBAGENTS.STATE, state.wireName())
          .set(SUBAGENTS.RESULT, completed ? text : null)
          .set(SUBAGENTS.ERROR, completed ? null : text)
          .set(SUBAGENTS.ENDED_AT, System.currentTimeMillis())
          .where(SUBAGENTS.ID.eq(id))
          .and(RUNNING)
          .execute();
      notices.forEach(notice -> NoticeStore.insert(tx, notice, Optional.empty()));
    });
  }

  @Override
  public List<Unfinished> unfinished() {
    return sql
        .select(RUN)
        .from(SUBAGENTS)
        .where(RUNNING)
        .orderBy(SUBAGENTS.CREATED_AT, SUBAGENTS.ID)
        .fetch(SubagentStore::run)
        .stream()
        .map(run -> new Unfinished(run, turnOf(run)))
        .toList();
  }

  @Override
  public List<Told> told(Instant endedAfter) {
    return sql.select(RUN)
        .select(OUTCOME)
        .from(SUBAGENTS)
        .where(RUNNING.or(SUBAGENTS.ENDED_AT.gt(endedAfter.toEpochMilli())))
        .orderBy(
            DSL.case_().when(RUNNING, 0).otherwise(1), SUBAGENTS.CREATED_AT.desc(), SUBAGENTS.ID)
        .fetch(SubagentStore::toldOf);
  }

  @Override
  public Optional<Told> told(String id) {
    return sql.select(RUN)
        .select(OUTCOME)
        .from(SUBAGENTS)
        .where(SUBAGENTS.ID.eq(id))
        .fetchOptional(SubagentStore::toldOf);
  }

  private Optional<TurnOutcome> turnOf(SubagentRun run) {
    return sql.select(TURNS.ID, TURNS.STATE)
        .from(TURNS)
        .where(TURNS.CHAT_ID.eq(run.ownChatId()))
        .orderBy(TURNS.POSITION.desc())
        .limit(1)
        .fetchOptional(turn -> new TurnOutcome(TurnState.of(turn.value2()), said(turn.value1())));
  }

  private String said(String turnId) {
    return sql.select(MESSAGES.CONTENT)
        .from(MESSAGES)
        .where(MESSAGES.TURN_ID.eq(turnId))
        .and(MESSAGES.ROLE.eq("assistant"))
        .orderBy(MESSAGES.ID.desc())
        .limit(1)
        .fetchOptional(MESSAGES.CONTENT)
        .orElse("");
  }

  private static SubagentRun run(Record row) {
    return new SubagentRun(
        row.get(SUBAGENTS.ID),
        row.get(SUBAGENTS.CHAT_ID),
        row.get(SUBAGENTS.LABEL),
        row.get(SUBAGENTS.TASK),
        Role.of(row.get(SUBAGENTS.ROLE)),
        Optional.ofNullable(row.get(SUBAGENTS.PERSONA)).orElse(""),
        Duration.ofSeconds(row.get(SUBAGENTS.TIMEOUT_SECONDS)));
  }

  private static Told toldOf(Record row) {
    long started =
        Optional.ofNullable(row.get(SUBAGENTS.STARTED_AT)).orElse(row.get(SUBAGENTS.CREATED_AT));
    return new Told(
        run(row),
        State.of(row.get(SUBAGENTS.STATE)),
        Instant.ofEpochMilli(started),
        Optional.ofNullable(row.get(SUBAGENTS.ENDED_AT)).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.get(SUBAGENTS.RESULT)),
        Optional.ofNullable(row.get(SUBAGENTS.ERROR)));
  }
}
