package ai.liberclaw.api.mail;

import static ai.liberclaw.db.platform.Tables.MAIL_OUTBOX;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** The rows of the mail outbox. Content goes in and out sealed. */
final class MailStore {
  record Claim(UUID id, String recipient, String sealed, int attempt) {}

  void insert(
      DSLContext sql, UUID id, String recipient, String sealed, Instant now, Instant expiresAt) {
    sql.insertInto(MAIL_OUTBOX)
        .set(MAIL_OUTBOX.ID, id)
        .set(MAIL_OUTBOX.RECIPIENT, recipient)
        .set(MAIL_OUTBOX.CONTENT, sealed)
        .set(MAIL_OUTBOX.NOT_BEFORE, now)
        .set(MAIL_OUTBOX.CREATED_AT, now)
        .set(MAIL_OUTBOX.EXPIRES_AT, expiresAt)
        .execute();
  }

  /** Takes the next due mail for a while; a worker that dies leaves it to others. */
  Optional<Claim> claim(
      DSLContext sql, String owner, Instant now, Duration lease, int attemptsMax) {
    var due = MAIL_OUTBOX.as("due");
    return sql.update(MAIL_OUTBOX)
        .set(MAIL_OUTBOX.LEASE_OWNER, owner)
        .set(MAIL_OUTBOX.LEASE_UNTIL, now.plus(lease))
        .set(MAIL_OUTBOX.ATTEMPT, MAIL_OUTBOX.ATTEMPT.plus(1))
        .where(
            MAIL_OUTBOX.ID.eq(
                sql.select(due.ID)
                    .from(due)
                    .where(due.STATUS.eq("queued"))
                    .and(due.NOT_BEFORE.le(now))
                    .and(due.ATTEMPT.lt(attemptsMax))
                    .and(due.LEASE_UNTIL.isNull().or(due.LEASE_UNTIL.lt(now)))
                    .orderBy(due.NOT_BEFORE)
                    .limit(1)
                    .forUpdate()
                    .skipLocked()))
        .returningResult(
            MAIL_OUTBOX.ID, MAIL_OUTBOX.RECIPIENT, MAIL_OUTBOX.CONTENT, MAIL_OUTBOX.ATTEMPT)
        .fetchOptional(row -> new Claim(row.value1(), row.value2(), row.value3(), row.value4()));
  }

  /** Lets a mail wait, unless another worker has taken it over. */
  void retry(DSLContext sql, Claim claim, Instant notBefore, String error) {
    sql.update(MAIL_OUTBOX)
        .set(MAIL_OUTBOX.NOT_BEFORE, notBefore)
        .setNull(MAIL_OUTBOX.LEASE_OWNER)
        .setNull(MAIL_OUTBOX.LEASE_UNTIL)
        .set(MAIL_OUTBOX.ERROR_DETAIL, error)
        .where(own(claim))
        .execute();
  }

  /**
   * Ends a mail as {@code sent} or {@code failed} and empties it, unless another worker has taken
   * it over.
   *
   * @param error empty when there was none
   */
  void end(DSLContext sql, Claim claim, String status, String error, Instant now) {
    sql.update(MAIL_OUTBOX)
        .set(MAIL_OUTBOX.STATUS, status)
        .setNull(MAIL_OUTBOX.CONTENT)
        .setNull(MAIL_OUTBOX.LEASE_OWNER)
        .setNull(MAIL_OUTBOX.LEASE_UNTIL)
        .set(MAIL_OUTBOX.ERROR_DETAIL, error.isEmpty() ? null : error)
        .set(MAIL_OUTBOX.ENDED_AT, now)
        .where(own(claim))
        .execute();
  }

  /** Gives up what came too late to be of use, and what its last worker did not survive. */
  int expire(DSLContext sql, Instant now, int attemptsMax) {
    return sql.update(MAIL_OUTBOX)
        .set(MAIL_OUTBOX.STATUS, "failed")
        .setNull(MAIL_OUTBOX.CONTENT)
        .set(MAIL_OUTBOX.ERROR_DETAIL, "expired")
        .set(MAIL_OUTBOX.ENDED_AT, now)
        .where(MAIL_OUTBOX.STATUS.eq("queued"))
        .and(
            MAIL_OUTBOX
                .EXPIRES_AT
                .lt(now)
                .or(MAIL_OUTBOX.ATTEMPT.ge(attemptsMax).and(MAIL_OUTBOX.LEASE_UNTIL.lt(now))))
        .execute();
  }

  int waiting(DSLContext sql) {
    return sql.fetchCount(MAIL_OUTBOX, MAIL_OUTBOX.STATUS.eq("queued"));
  }

  /** Each claim has its own number of attempts. */
  private static Condition own(Claim claim) {
    return MAIL_OUTBOX
        .ID
        .eq(claim.id())
        .and(MAIL_OUTBOX.STATUS.eq("queued"))
        .and(MAIL_OUTBOX.ATTEMPT.eq(claim.attempt()));
  }
}
