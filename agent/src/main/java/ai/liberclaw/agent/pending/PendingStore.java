package ai.liberclaw.agent.pending;

import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.PENDING_ARCHIVE;
import static ai.liberclaw.db.agent.Tables.PENDING_CURSORS;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.journal.NoticeStore;
import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.agent.turn.Notice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/**
 * Messages for chats that nobody has fetched yet. There are two ways to read them: the original's,
 * which takes away what it returns, and channels, each of which remembers how far it has got and
 * leaves the rows to the others.
 */
public final class PendingStore {
  /** Source of rows about subagents, as JSON; only channels, whose readers know it, see them. */
  public static final String SUBAGENT_EVENT = "subagent_event";

  /** Rows of one answer to a channel; it asks again once it has acknowledged them. */
  static final int CHANNEL_ROWS_MAX = 1_000;

  /** How long rows stay that a channel has acknowledged, for the other readers. */
  static final Duration ACKNOWLEDGED_KEPT = Duration.ofDays(7);

  private final DSLContext sql;
  private final CommitQueue commits;

  /**
   * @param createdAt ISO-8601 UTC
   */
  public record Pending(long id, String chatId, String content, String source, String createdAt) {}

  /**
   * A row with what decides whether it may be handed out.
   *
   * @param lastSeq number of the last event of the turn whose final text it is; 0 for other rows
   */
  private record Candidate(Pending row, long lastSeq) {
    /** Its text is still on its way to a reader of the chat's stream. */
    boolean heldBack(Map<String, Long> readers) {
      return lastSeq > readers.getOrDefault(row.chatId(), Long.MAX_VALUE);
    }
  }

  public PendingStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  /** Leaves a message. */
  public void add(Notice notice) {
    commits.run(tx -> NoticeStore.insert(tx, notice, Optional.empty()));
  }

  /**
   * Hands out messages for good, oldest first: nobody else gets them. They go to the archive in the
   * same transaction.
   *
   * @param chatId absent: those of all chats
   * @param readers how far each chat's slowest reader has got: the final text of a turn above that
   *     is still on its way to that reader, and stays
   */
  public List<Pending> take(Optional<String> chatId, Map<String, Long> readers) {
    return commits.commit(tx -> {
      List<Pending> taken =
          candidates(tx.sql(), of(chatId).and(PENDING_MESSAGES.SOURCE.ne(SUBAGENT_EVENT))).stream()
              .filter(candidate -> !candidate.heldBack(readers))
              .map(Candidate::row)
              .toList();
      archive(tx, taken);
      return taken;
    });
  }

  /**
   * What a channel has not acknowledged, oldest first. It ends before a row that is held back: an
   * acknowledgement of later rows would skip that one for ever.
   *
   * @param readers as for {@link #take}
   */
  List<Pending> above(String channel, Optional<String> chatId, Map<String, Long> readers) {
    return candidates(sql, of(chatId).and(PENDING_MESSAGES.ID.gt(cursor(sql, channel)))).stream()
        .takeWhile(candidate -> !candidate.heldBack(readers))
        .map(Candidate::row)
        .limit(CHANNEL_ROWS_MAX)
        .toList();
  }

  /**
   * How many messages a reader would get now.
   *
   * @param channel absent: one that takes them away
   */
  long count(Optional<String> channel, Optional<String> chatId, Map<String, Long> readers) {
    Condition wanted =
        channel
            .map(name -> PENDING_MESSAGES.ID.gt(cursor(sql, name)))
            .orElse(PENDING_MESSAGES.SOURCE.ne(SUBAGENT_EVENT));
    return candidates(sql, of(chatId).and(wanted)).stream()
        .filter(candidate -> !candidate.heldBack(readers))
        .count();
  }

  /**
   * A channel has got all rows up to this one. Its cursor never goes back. Rows that it has passed
   * go to the archive once they are {@link #ACKNOWLEDGED_KEPT} old.
   *
   * @return where its cursor is now
   */
  long acknowledge(String channel, long upToId) {
    return commits.commit(tx -> {
      long last = Math.max(upToId, cursor(tx.sql(), channel));
      tx.sql()
          .insertInto(PENDING_CURSORS, PENDING_CURSORS.CHANNEL, PENDING_CURSORS.LAST_ID)
          .values(channel, last)
          .onConflict(PENDING_CURSORS.CHANNEL)
          .doUpdate()
          .set(PENDING_CURSORS.LAST_ID, last)
          .execute();
      long oldest = System.currentTimeMillis() - ACKNOWLEDGED_KEPT.toMillis();
      List<Pending> old =
          candidates(tx.sql(), PENDING_MESSAGES.ID.le(last)).stream()
              .map(Candidate::row)
              .filter(row -> Timestamps.millis(row.createdAt()) < oldest)
              .toList();
      archive(tx, old);
      return last;
    });
  }

  private static Condition of(Optional<String> chatId) {
    return chatId.map(PENDING_MESSAGES.CHAT_ID::eq).orElse(DSL.noCondition());
  }

  private static long cursor(DSLContext sql, String channel) {
    return sql.select(PENDING_CURSORS.LAST_ID)
        .from(PENDING_CURSORS)
        .where(PENDING_CURSORS.CHANNEL.eq(channel))
        .fetchOptional(PENDING_CURSORS.LAST_ID)
        .orElse(0L);
  }

  private static List<Candidate> candidates(DSLContext sql, Condition wanted) {
    return sql.select(
            PENDING_MESSAGES.ID,
            PENDING_MESSAGES.CHAT_ID,
            PENDING_MESSAGES.CONTENT,
            PENDING_MESSAGES.SOURCE,
            PENDING_MESSAGES.CREATED_AT,
            DSL.select(DSL.max(EVENTS.SEQ))
                .from(EVENTS)
                .where(EVENTS.TURN_ID.eq(PENDING_MESSAGES.TURN_ID))
                .<Long>asField())
        .from(PENDING_MESSAGES)
        .where(wanted)
        .orderBy(PENDING_MESSAGES.ID)
        .fetch(r ->
            new Candidate(
                new Pending(r.value1(), r.value2(), r.value3(), r.value4(), r.value5()),
                r.value6() == null ? 0 : r.value6()));
  }

  private static void archive(Transaction tx, List<Pending> rows) {
    long now = System.currentTimeMillis();
    for (Pending message : rows) {
      tx.sql()
          .insertInto(PENDING_ARCHIVE)
          .set(PENDING_ARCHIVE.ID, message.id())
          .set(PENDING_ARCHIVE.CHAT_ID, message.chatId())
          .set(PENDING_ARCHIVE.CONTENT, message.content())
          .set(PENDING_ARCHIVE.SOURCE, message.source())
          .set(PENDING_ARCHIVE.CREATED_AT, message.createdAt())
          .set(PENDING_ARCHIVE.HANDED_AT, now)
          .execute();
      tx.sql().deleteFrom(PENDING_MESSAGES).where(PENDING_MESSAGES.ID.eq(message.id())).execute();
    }
  }
}
