package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.APPROVALS;
import static ai.liberclaw.db.agent.Tables.CODING_TASKS;
import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.MEMORY_RECORDS;
import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.PENDING_ARCHIVE;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;
import static ai.liberclaw.db.agent.Tables.PROCESSES;
import static ai.liberclaw.db.agent.Tables.RUNTIME_EVENTS;
import static ai.liberclaw.db.agent.Tables.SUBAGENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import java.time.Instant;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record1;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Deletes what has been kept long enough. Rows of people's chats stay. Works in portions, between
 * which the turns get their commits.
 */
public final class RetentionStore {
  /** Rows of one transaction. */
  private static final int PORTION = 1_000;

  private static final Field<Long> ROW = DSL.field(DSL.name("rowid"), Long.class);
  private static final String INTERNAL = "__";
  private static final String SUBAGENT_EVENT = "subagent_event";

  private final CommitQueue commits;
  private final RetentionLimits limits;

  public RetentionStore(CommitQueue commits, RetentionLimits limits) {
    this.commits = commits;
    this.limits = limits;
  }

  /**
   * Deletes what is too old at this time.
   *
   * @return paths of logs that belong to nothing any more
   */
  public List<String> prune(Instant now) {
    if (limits.events().isPositive()) {
      Instant oldest = now.minus(limits.events());
      delete(EVENTS, EVENTS.CREATED_AT.lt(oldest.toEpochMilli()));
      delete(RUNTIME_EVENTS, RUNTIME_EVENTS.CREATED_AT.lt(Timestamps.of(oldest)));
    }
    if (limits.internalChats().isPositive()) {
      pruneChats(now.minus(limits.internalChats()));
    }
    if (limits.approvals().isPositive()) {
      long oldest = now.minus(limits.approvals()).toEpochMilli();
      delete(APPROVALS, APPROVALS.CREATED_AT.lt(oldest).and(APPROVALS.STATUS.ne("pending")));
    }
    if (limits.events().isPositive()) {
      long oldest = now.minus(limits.events()).toEpochMilli();
      // A turn takes its approvals with it, which are kept for their own time.
      delete(
          TURNS,
          TURNS
              .ENDED_AT
              .lt(oldest)
              .and(TURNS.ID.notIn(DSL.select(APPROVALS.TURN_ID).from(APPROVALS))));
    }
    prunePending(now);
    pruneFacts();
    return pruneProcesses(now);
  }

  /** Nobody reads the rows of the agent's own chats once what they were for has ended. */
  private void pruneChats(Instant time) {
    long oldest = time.toEpochMilli();
    Condition ended =
        MESSAGES
            .TURN_ID
            .in(DSL.select(TURNS.ID).from(TURNS).where(TURNS.ENDED_AT.lt(oldest)))
            .or(
                MESSAGES
                    .CREATED_AT
                    .lt(Timestamps.of(time))
                    .and(
                        MESSAGES
                            .TURN_ID
                            .isNull()
                            .or(MESSAGES.TURN_ID.notIn(DSL.select(TURNS.ID).from(TURNS)))));
    delete(MESSAGES, MESSAGES.CHAT_ID.startsWith(INTERNAL).and(ended));
    Condition endedTask = CODING_TASKS.ENDED_AT.lt(oldest);
    delete(
        MESSAGES,
        MESSAGES.CHAT_ID.in(DSL.select(CODING_TASKS.CHAT_ID).from(CODING_TASKS).where(endedTask)));
    delete(CODING_TASKS, endedTask);
    delete(SUBAGENTS, SUBAGENTS.ENDED_AT.lt(oldest));
  }

  private void prunePending(Instant now) {
    delete(
        PENDING_ARCHIVE,
        PENDING_ARCHIVE.HANDED_AT.lt(now.minus(RetentionLimits.FETCHED).toEpochMilli()));
    Instant events = now.minus(RetentionLimits.SUBAGENT_EVENTS);
    delete(
        PENDING_MESSAGES,
        PENDING_MESSAGES
            .SOURCE
            .eq(SUBAGENT_EVENT)
            .and(PENDING_MESSAGES.CREATED_AT.lt(Timestamps.of(events))));
    if (limits.pending().isPositive()) {
      delete(
          PENDING_MESSAGES,
          PENDING_MESSAGES.CREATED_AT.lt(Timestamps.of(now.minus(limits.pending()))));
    }
  }

  /** The newest facts stay; older ones go to the archive, and from a full archive for good. */
  private void pruneFacts() {
    commits.run(tx -> {
      tx.sql()
          .update(MEMORY_RECORDS)
          .set(MEMORY_RECORDS.ARCHIVED, true)
          .where(MEMORY_RECORDS.ID.in(beyond(false)))
          .execute();
      tx.sql().deleteFrom(MEMORY_RECORDS).where(MEMORY_RECORDS.ID.in(beyond(true))).execute();
    });
  }

  private Select<Record1<Long>> beyond(boolean archived) {
    return DSL.select(MEMORY_RECORDS.ID)
        .from(MEMORY_RECORDS)
        .where(MEMORY_RECORDS.ARCHIVED.eq(archived))
        .orderBy(MEMORY_RECORDS.UPDATED_AT.desc(), MEMORY_RECORDS.ID.desc())
        .limit(Integer.MAX_VALUE)
        .offset(limits.factsMax());
  }

  private List<String> pruneProcesses(Instant now) {
    if (!limits.processes().isPositive()) {
      return List.of();
    }
    Condition ended = PROCESSES.ENDED_AT.lt(now.minus(limits.processes()).toEpochMilli());
    return commits.commit(tx -> {
      List<String> logs =
          tx.sql()
              .select(PROCESSES.LOG_PATH)
              .from(PROCESSES)
              .where(ended)
              .and(PROCESSES.LOG_PATH.isNotNull())
              .fetch(PROCESSES.LOG_PATH);
      tx.sql().deleteFrom(PROCESSES).where(ended).execute();
      return logs;
    });
  }

  private void delete(Table<?> table, Condition old) {
    int deleted = PORTION;
    while (deleted == PORTION) {
      deleted =
          commits.commit(tx ->
              tx.sql()
                  .deleteFrom(table)
                  .where(ROW.in(DSL.select(ROW).from(table).where(old).limit(PORTION)))
                  .execute());
    }
  }
}
