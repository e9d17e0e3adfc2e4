package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.PENDING_MESSAGES;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.turn.Notice;
import java.util.Optional;

/** Leaves messages for whoever fetches them. */
public final class NoticeStore {
  private NoticeStore() {}

  /**
   * @param turnId the turn whose final text it is; absent for everything else
   */
  public static void insert(Transaction tx, Notice notice, Optional<String> turnId) {
    tx.sql()
        .insertInto(PENDING_MESSAGES)
        .set(PENDING_MESSAGES.CHAT_ID, notice.chatId())
        .set(PENDING_MESSAGES.CONTENT, notice.content())
        .set(PENDING_MESSAGES.SOURCE, notice.source())
        .set(PENDING_MESSAGES.CREATED_AT, Timestamps.now())
        .set(PENDING_MESSAGES.TURN_ID, turnId.orElse(null))
        .execute();
  }
}
