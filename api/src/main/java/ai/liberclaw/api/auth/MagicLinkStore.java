package ai.liberclaw.api.auth;

import static ai.liberclaw.db.platform.Tables.MAGIC_LINKS;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;

/** Sign-in mails: a link token and a code that die together. */
final class MagicLinkStore {
  /** A code that may still be tried. */
  record Code(UUID linkId, String hash) {}

  void insert(
      DSLContext sql,
      UUID id,
      EmailAddress email,
      String tokenHash,
      String codeHash,
      Instant now,
      Instant expiresAt) {
    sql.insertInto(MAGIC_LINKS)
        .set(MAGIC_LINKS.ID, id)
        .set(MAGIC_LINKS.EMAIL, email.text())
        .set(MAGIC_LINKS.EMAIL_LOWER, email.lower())
        .set(MAGIC_LINKS.TOKEN_HASH, tokenHash)
        .set(MAGIC_LINKS.CODE_HASH, codeHash)
        .set(MAGIC_LINKS.ATTEMPTS, 0)
        .set(MAGIC_LINKS.CREATED_AT, now)
        .set(MAGIC_LINKS.EXPIRES_AT, expiresAt)
        .execute();
  }

  /** Uses up the link with this token: of parallel callers exactly one gets its e-mail. */
  Optional<EmailAddress> consumeToken(DSLContext sql, String tokenHash, Instant now) {
    return consume(sql, MAGIC_LINKS.TOKEN_HASH.eq(tokenHash), now);
  }

  /** Uses up the link of a code that was compared and found right. */
  Optional<EmailAddress> consume(DSLContext sql, UUID id, Instant now) {
    return consume(sql, MAGIC_LINKS.ID.eq(id), now);
  }

  private static Optional<EmailAddress> consume(DSLContext sql, Condition which, Instant now) {
    return sql.update(MAGIC_LINKS)
        .set(MAGIC_LINKS.USED_AT, now)
        .where(which)
        .and(MAGIC_LINKS.USED_AT.isNull())
        .and(MAGIC_LINKS.EXPIRES_AT.gt(now))
        .returningResult(MAGIC_LINKS.EMAIL)
        .fetchOptional(row -> new EmailAddress(row.value1()));
  }

  /**
   * Counts a try of the newest live code of this e-mail; empty when there is none or no try left.
   */
  Optional<Code> tryCode(DSLContext sql, EmailAddress email, int attemptsMax, Instant now) {
    var newest = MAGIC_LINKS.as("newest");
    return sql.update(MAGIC_LINKS)
        .set(MAGIC_LINKS.ATTEMPTS, MAGIC_LINKS.ATTEMPTS.plus(1))
        .where(
            MAGIC_LINKS.ID.eq(
                sql.select(newest.ID)
                    .from(newest)
                    .where(newest.EMAIL_LOWER.eq(email.lower()))
                    .and(newest.USED_AT.isNull())
                    .and(newest.EXPIRES_AT.gt(now))
                    .orderBy(newest.CREATED_AT.desc(), newest.ID)
                    .limit(1)))
        .and(MAGIC_LINKS.ATTEMPTS.lt(attemptsMax))
        .and(MAGIC_LINKS.CODE_HASH.isNotNull())
        .returningResult(MAGIC_LINKS.ID, MAGIC_LINKS.CODE_HASH)
        .fetchOptional(row -> new Code(row.value1(), row.value2()));
  }
}
