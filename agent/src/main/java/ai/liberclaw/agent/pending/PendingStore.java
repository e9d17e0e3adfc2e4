package ai.liberclaw.agent.pending;

import static ai.liberclaw.db.agent.Tables.EVENTS;
import static ai.liberclaw.db.agent.Tables.PENDING_ARCHIVE;
import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.NoticeStore;
import ai.liberclaw.agent.turn.Notice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** Messages for chats that nobody has fetched yet. */
public final class PendingStore {
  private final CommitQueue commits;

  /**
   * @param createdAt ISO-8601 UTC
   */
  public record Pending(
      long id, String chatId, String content, String source, String createdAt) {}

  public PendingStore(CommitQueue commits) {
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
      Condition wanted = chatId.map(PENDING_MESSAGES.CHAT_ID::eq).orElse(DSL.noCondition());
      List<Pending> taken =
          tx
              .sql()
              .select(
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
              .fetch()
              .stream()
              .filter(r ->
                  r.value6() == null
                      || r.value6() <= readers.getOrDefault(r.value2(), Long.MAX_VALUE))
              .map(r ->
                  new Pending(r.value1(), r.value2(), r.value3(), r.value4(), r.value5()))
              .toList();
      long now = System.currentTimeMillis();
      for (Pending message : taken) {
        tx.sql()
            .insertInto(PENDING_ARCHIVE)
            .set(PENDING_ARCHIVE.ID, message.id())
            .set(PENDING_ARCHIVE.CHAT_ID, message.chatId())
            .set(PENDING_ARCHIVE.CONTENT, message.content())
            .set(PENDING_ARCHIVE.SOURCE, message.source())
            .set(PENDING_ARCHIVE.CREATED_AT, message.createdAt())
            .set(PENDING_ARCHIVE.HANDED_AT, now)
            .execute();
        tx.sql()
            .deleteFrom(PENDING_MESSAGES)
            .where(PENDING_MESSAGES.ID.eq(message.id()))
            .execute();
      }
      return taken;
    });
  }
}
