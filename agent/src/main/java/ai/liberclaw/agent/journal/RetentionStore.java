package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.CODING_TASKS;
import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.PENDING_ARCHIVE;
import static ai.liberclaw.db.agent.Tables.SUBAGENTS;
import static ai.liberclaw.db.agent.Tables.TURNS;

import java.time.Duration;
import org.jooq.impl.DSL;

/** Deletes what has been kept long enough. Rows of people's chats stay. */
public final class RetentionStore {
  /** How long events can be read again. */
  public static final Duration EVENTS_KEPT = Duration.ofDays(30);

  /** How long messages that were fetched are kept, for recovery by hand. */
  public static final Duration FETCHED_KEPT = Duration.ofHours(24);

  private final CommitQueue commits;

  public RetentionStore(CommitQueue commits) {
    this.commits = commits;
  }

  public void prune() {
    long now = System.currentTimeMillis();
    long oldest = now - EVENTS_KEPT.toMillis();
    commits.run(tx -> {
      tx.sql().deleteFrom(EVENTS).where(EVENTS.CREATED_AT.lt(oldest)).execute();
      // Rows of the agent's own chats are read by nobody once their turn is forgotten.
      tx.sql()
          .deleteFrom(MESSAGES)
          .where(MESSAGES.CHAT_ID.startsWith("__"))
          .and(
              MESSAGES.TURN_ID.in(
                  DSL.select(TURNS.ID).from(TURNS).where(TURNS.ENDED_AT.lt(oldest))))
          .execute();
      tx.sql().deleteFrom(TURNS).where(TURNS.ENDED_AT.lt(oldest)).execute();
      tx.sql().deleteFrom(SUBAGENTS).where(SUBAGENTS.ENDED_AT.lt(oldest)).execute();
      tx.sql().deleteFrom(CODING_TASKS).where(CODING_TASKS.ENDED_AT.lt(oldest)).execute();
      tx.sql()
          .deleteFrom(PENDING_ARCHIVE)
          .where(PENDING_ARCHIVE.HANDED_AT.lt(now - FETCHED_KEPT.toMillis()))
          .execute();
    });
  }
}
