package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.PROCESSES;

import ai.liberclaw.agent.tool.process.ProcessRecord;
import ai.liberclaw.agent.tool.process.ProcessRecords;
import ai.liberclaw.agent.tool.process.ProcessState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/** The processes in the agent's own file. */
public final class ProcessStore implements ProcessRecords {
  private final DSLContext sql;
  private final CommitQueue commits;

  public ProcessStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  @Override
  public void add(ProcessRecord process, long group, long startedTicks) {
    commits.run(tx ->
        tx.sql()
            .insertInto(PROCESSES)
            .set(PROCESSES.ID, process.id())
            .set(PROCESSES.CHAT_ID, process.chatId())
            .set(PROCESSES.COMMAND, process.command())
            .set(PROCESSES.PROCESS_GROUP, group)
            .set(PROCESSES.STARTED_TICKS, startedTicks)
            .set(PROCESSES.STATE, process.state().wireName())
            .set(PROCESSES.LOG_PATH, process.log().orElse(null))
            .set(PROCESSES.STARTED_AT, process.started().toEpochMilli())
            .execute());
  }

  @Override
  public void end(ProcessRecord process) {
    commits.run(tx ->
        tx.sql()
            .update(PROCESSES)
            .set(PROCESSES.STATE, process.state().wireName())
            .set(PROCESSES.EXIT_CODE, process.exitCode().orElse(null))
            .set(PROCESSES.ENDED_AT, process.ended().map(Instant::toEpochMilli).orElse(null))
            .where(PROCESSES.ID.eq(process.id()))
            .execute());
  }

  @Override
  public void loseRunning(Instant now) {
    commits.run(tx ->
        tx.sql()
            .update(PROCESSES)
            .set(PROCESSES.STATE, ProcessState.LOST.wireName())
            .set(PROCESSES.ENDED_AT, now.toEpochMilli())
            .where(PROCESSES.STATE.eq(ProcessState.RUNNING.wireName()))
            .execute());
  }

  @Override
  public void deleteEndedBefore(Instant time) {
    commits.run(tx ->
        tx.sql().deleteFrom(PROCESSES).where(PROCESSES.ENDED_AT.lt(time.toEpochMilli())).execute());
  }

  @Override
  public List<ProcessRecord> all() {
    return sql.selectFrom(PROCESSES)
        .orderBy(PROCESSES.STARTED_AT, PROCESSES.ID)
        .fetch(row ->
            new ProcessRecord(
                row.getId(),
                row.getChatId(),
                row.getCommand(),
                ProcessState.of(row.getState()),
                Optional.ofNullable(row.getExitCode()),
                Optional.ofNullable(row.getLogPath()),
                Instant.ofEpochMilli(row.getStartedAt()),
                Optional.ofNullable(row.getEndedAt()).map(Instant::ofEpochMilli)));
  }
}
