package ai.liberclaw.agent.subagent;

import static ai.liberclaw.db.agent.Tables.SUBAGENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.subagent.SubagentRun.State;
import ai.liberclaw.agent.turn.TurnState;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Records;

/** The runs in the agent's own file. */
public final class SubagentStore implements SubagentRuns {
  private final DSLContext sql;
  private final CommitQueue commits;

  public SubagentStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  @Override
  public void add(SubagentRun run) {
    long now = System.currentTimeMillis();
    commits.run(tx ->
        tx.sql()
            .insertInto(SUBAGENTS)
            .set(SUBAGENTS.ID, run.id())
            .set(SUBAGENTS.CHAT_ID, run.chatId())
            .set(SUBAGENTS.LABEL, run.label())
            .set(SUBAGENTS.TASK, run.task())
            .set(SUBAGENTS.STATE, State.RUNNING.wireName())
            .set(SUBAGENTS.CREATED_AT, now)
            .set(SUBAGENTS.STARTED_AT, now)
            .execute());
  }

  @Override
  public Optional<SubagentRun> find(String id) {
    return sql.select(SUBAGENTS.ID, SUBAGENTS.CHAT_ID, SUBAGENTS.LABEL, SUBAGENTS.TASK)
        .from(SUBAGENTS)
        .where(SUBAGENTS.ID.eq(id))
        .fetchOptional(Records.mapping(SubagentRun::new));
  }

  @Override
  public void end(String id, State state, String text) {
    boolean completed = state == State.COMPLETED;
    commits.run(tx ->
        tx.sql()
            .update(SUBAGENTS)
            .set(SUBAGENTS.STATE, state.wireName())
            .set(SUBAGENTS.RESULT, completed ? text : null)
            .set(SUBAGENTS.ERROR, completed ? null : text)
            .set(SUBAGENTS.ENDED_AT, System.currentTimeMillis())
            .where(SUBAGENTS.ID.eq(id))
            .and(SUBAGENTS.STATE.eq(State.RUNNING.wireName()))
            .execute());
  }

  @Override
  public List<Unfinished> unfinished() {
    return sql
        .select(SUBAGENTS.ID, SUBAGENTS.CHAT_ID, SUBAGENTS.LABEL, SUBAGENTS.TASK)
        .from(SUBAGENTS)
        .where(SUBAGENTS.STATE.eq(State.RUNNING.wireName()))
        .orderBy(SUBAGENTS.CREATED_AT, SUBAGENTS.ID)
        .fetch(Records.mapping(SubagentRun::new))
        .stream()
        .map(run -> new Unfinished(run, turnOf(run)))
        .toList();
  }

  private Optional<TurnState> turnOf(SubagentRun run) {
    return sql.select(TURNS.STATE)
        .from(TURNS)
        .where(TURNS.CHAT_ID.eq(run.ownChatId()))
        .orderBy(TURNS.POSITION.desc())
        .limit(1)
        .fetchOptional(TURNS.STATE)
        .map(TurnState::of);
  }
}
