package ai.liberclaw.agent.telegram;

import static ai.liberclaw.db.agent.Tables.TELEGRAM_CONTACTS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.NoticeStore;
import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.agent.telegram.Contact.Status;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.db.agent.tables.records.TelegramContactsRecord;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** Who has written to the bot. */
final class ContactStore {
  private final DSLContext sql;
  private final CommitQueue commits;

  ContactStore(DSLContext sql, CommitQueue commits) {
    this.sql = sql;
    this.commits = commits;
  }

  Optional<Contact> find(String telegramId) {
    return list(TELEGRAM_CONTACTS.TELEGRAM_ID.eq(telegramId)).stream().findFirst();
  }

  Optional<Contact> find(long id) {
    return list(TELEGRAM_CONTACTS.ID.eq(id)).stream().findFirst();
  }

  /** Those of one status, or all, the oldest first. */
  List<Contact> list(Optional<Status> status) {
    return list(
        status
            .map(wanted -> TELEGRAM_CONTACTS.STATUS.eq(wanted.wireName()))
            .orElse(DSL.noCondition()));
  }

  /**
   * Adds a contact that is not there yet.
   *
   * @param told left for the owner in the same transaction
   */
  void add(TelegramMessage from, Status status, Optional<Notice> told) {
    commits.run(tx -> {
      String now = Timestamps.now();
      tx.sql()
          .insertInto(TELEGRAM_CONTACTS)
          .set(TELEGRAM_CONTACTS.TELEGRAM_ID, from.contactId())
          .set(TELEGRAM_CONTACTS.CHAT_ID, Long.toString(from.chat()))
          .set(TELEGRAM_CONTACTS.CHAT_TYPE, from.chatType())
          .set(TELEGRAM_CONTACTS.DISPLAY_NAME, from.contactName())
          .set(
              TELEGRAM_CONTACTS.USERNAME,
              from.contactUsername().isEmpty() ? null : from.contactUsername())
          .set(TELEGRAM_CONTACTS.STATUS, status.wireName())
          .set(TELEGRAM_CONTACTS.CREATED_AT, now)
          .set(TELEGRAM_CONTACTS.UPDATED_AT, now)
          .execute();
      told.ifPresent(notice -> NoticeStore.insert(tx, notice, Optional.empty()));
    });
  }

  /** False when there is no such contact. */
  boolean setStatus(long id, Status status) {
    return commits.commit(tx ->
        tx.sql()
            .update(TELEGRAM_CONTACTS)
            .set(TELEGRAM_CONTACTS.STATUS, status.wireName())
            .set(TELEGRAM_CONTACTS.UPDATED_AT, Timestamps.now())
            .where(TELEGRAM_CONTACTS.ID.eq(id))
            .execute())
        > 0;
  }

  /** False when there is no such contact. */
  boolean delete(long id) {
    return commits.commit(tx ->
        tx.sql().deleteFrom(TELEGRAM_CONTACTS).where(TELEGRAM_CONTACTS.ID.eq(id)).execute())
        > 0;
  }

  private List<Contact> list(Condition wanted) {
    return sql.selectFrom(TELEGRAM_CONTACTS)
        .where(wanted)
        .orderBy(TELEGRAM_CONTACTS.ID)
        .fetch(ContactStore::contact);
  }

  private static Contact contact(TelegramContactsRecord row) {
    String username = row.getUsername();
    return new Contact(
        row.getId(),
        row.getTelegramId(),
        row.getChatId(),
        row.getChatType(),
        row.getDisplayName(),
        username == null ? "" : username,
        // What an older file says in other words is not a permission.
        Status.of(row.getStatus()).orElse(Status.PENDING),
        row.getCreatedAt(),
        row.getUpdatedAt());
  }
}
