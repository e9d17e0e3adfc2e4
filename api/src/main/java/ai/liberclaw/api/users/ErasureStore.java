package ai.liberclaw.api.users;

import static ai.liberclaw.db.platform.Tables.MAGIC_LINKS;
import static ai.liberclaw.db.platform.Tables.MAIL_OUTBOX;
import static ai.liberclaw.db.platform.Tables.PERSONAL_ACCESS_TOKENS;
import static ai.liberclaw.db.platform.Tables.USERS;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** What is asked and deleted of users who go. */
final class ErasureStore {
  private static final String GUEST = "guest";

  /** Guests not seen since the given time, by id, after the given one. */
  List<UUID> idleGuests(DSLContext sql, Instant notSeenSince, UUID after, int limit) {
    return sql.select(USERS.ID)
        .from(USERS)
        .where(idle(notSeenSince))
        .and(USERS.ID.gt(after))
        .orderBy(USERS.ID)
        .limit(limit)
        .fetch(USERS.ID);
  }

  boolean isIdleGuest(DSLContext tx, UUID userId, Instant notSeenSince) {
    return tx.fetchExists(USERS, USERS.ID.eq(userId).and(idle(notSeenSince)));
  }

  /** Locks what a sign-in locks before the user, so that neither waits for the other. */
  void lockSignIns(DSLContext tx, UUID userId) {
    tx.select(MAGIC_LINKS.ID)
        .from(MAGIC_LINKS)
        .where(
            MAGIC_LINKS.EMAIL_LOWER.eq(
                DSL.select(DSL.lower(USERS.EMAIL)).from(USERS).where(USERS.ID.eq(userId))))
        .orderBy(MAGIC_LINKS.ID)
        .forUpdate()
        .fetch();
  }

  /**
   * Locks the user.
   *
   * @return their e-mail in lower case when it is proven to be theirs, else blank; empty when they
   *     are gone
   */
  Optional<String> lock(DSLContext tx, UUID userId) {
    return tx.select(
            DSL.coalesce(DSL.when(USERS.EMAIL_VERIFIED.isTrue(), DSL.lower(USERS.EMAIL)), ""))
        .from(USERS)
        .where(USERS.ID.eq(userId))
        .forUpdate()
        .fetchOptional(row -> row.value1());
  }

  /** Deletes what was or is to be sent to an address, also links that would still sign in. */
  void deleteMails(DSLContext tx, String lowerCaseAddress) {
    tx.deleteFrom(MAGIC_LINKS).where(MAGIC_LINKS.EMAIL_LOWER.eq(lowerCaseAddress)).execute();
    tx.deleteFrom(MAIL_OUTBOX)
        .where(DSL.lower(MAIL_OUTBOX.RECIPIENT).eq(lowerCaseAddress))
        .execute();
  }

  /** Deletes the user with all that refers to them. */
  void delete(DSLContext tx, UUID userId) {
    tx.deleteFrom(USERS).where(USERS.ID.eq(userId)).execute();
  }

  /** Who scripts against the server needs no sign-in: a used token counts as seen. */
  private static Condition idle(Instant notSeenSince) {
    return USERS
        .TIER
        .eq(GUEST)
        .and(USERS.LAST_SEEN_AT.lt(notSeenSince))
        .andNotExists(
            DSL.selectOne()
                .from(PERSONAL_ACCESS_TOKENS)
                .where(PERSONAL_ACCESS_TOKENS.USER_ID.eq(USERS.ID))
                .and(PERSONAL_ACCESS_TOKENS.LAST_USED_AT.ge(notSeenSince)));
  }
}
