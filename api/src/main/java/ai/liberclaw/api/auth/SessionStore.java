package ai.liberclaw.api.auth;

import static ai.liberclaw.db.platform.Tables.SESSIONS;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** The sessions, one per refresh token. Each method works in the transaction it is given. */
final class SessionStore {
  /**
   * A sign-in with all the sessions its refreshes made.
   *
   * @param startedAt when it was signed in: its absolute cap counts from here
   */
  record Family(UUID userId, UUID id, Instant startedAt) {}

  /**
   * @param firstUseUntil when the token is worth nothing unless it came before
   */
  void insert(
      DSLContext sql,
      UUID id,
      Family family,
      String tokenHash,
      String device,
      Instant now,
      Instant expiresAt,
      Optional<Instant> firstUseUntil) {
    sql.insertInto(SESSIONS)
        .set(SESSIONS.ID, id)
        .set(SESSIONS.USER_ID, family.userId())
        .set(SESSIONS.REFRESH_TOKEN_HASH, tokenHash)
        .set(SESSIONS.DEVICE_INFO, device)
        .set(SESSIONS.EXPIRES_AT, expiresAt)
        .set(SESSIONS.FIRST_USE_UNTIL, firstUseUntil.orElse(null))
        .set(SESSIONS.CREATED_AT, now)
        .set(SESSIONS.FAMILY_ID, family.id())
        .set(SESSIONS.FAMILY_STARTED_AT, family.startedAt())
        .execute();
  }

  /** Ends a live session in favour of its successor: of parallel callers exactly one gets it. */
  Optional<Family> rotate(
      DSLContext sql, Tokens.Refresh token, String tokenHash, Instant now, Instant startedAfter) {
    return sql.update(SESSIONS)
        .set(SESSIONS.REVOKED_AT, now)
        .set(SESSIONS.ROTATED_AT, now)
        .where(SESSIONS.ID.eq(token.sessionId()))
        .and(SESSIONS.USER_ID.eq(token.userId()))
        .and(SESSIONS.REFRESH_TOKEN_HASH.eq(tokenHash))
        .and(SESSIONS.REVOKED_AT.isNull())
        .and(SESSIONS.EXPIRES_AT.gt(now))
        .and(SESSIONS.FIRST_USE_UNTIL.isNull().or(SESSIONS.FIRST_USE_UNTIL.gt(now)))
        .and(SESSIONS.FAMILY_STARTED_AT.gt(startedAfter))
        .returningResult(SESSIONS.USER_ID, SESSIONS.FAMILY_ID, SESSIONS.FAMILY_STARTED_AT)
        .fetchOptional(row -> new Family(row.value1(), row.value2(), row.value3()));
  }

  /** Revokes the family of a token that was rotated before the given time: somebody kept a copy. */
  int revokeReused(DSLContext sql, UUID id, String tokenHash, Instant rotatedBefore, Instant now) {
    var reused = SESSIONS.as("reused");
    return sql.update(SESSIONS)
        .set(SESSIONS.REVOKED_AT, now)
        .where(SESSIONS.REVOKED_AT.isNull())
        .and(
            SESSIONS.FAMILY_ID.in(
                sql.select(reused.FAMILY_ID)
                    .from(reused)
                    .where(reused.ID.eq(id))
                    .and(reused.REFRESH_TOKEN_HASH.eq(tokenHash))
                    .and(reused.ROTATED_AT.lt(rotatedBefore))))
        .execute();
  }

  /** Whose a token is, live or not. */
  Optional<UUID> owner(DSLContext sql, String tokenHash) {
    return sql.select(SESSIONS.USER_ID)
        .from(SESSIONS)
        .where(SESSIONS.REFRESH_TOKEN_HASH.eq(tokenHash))
        .fetchOptional(SESSIONS.USER_ID);
  }

  void revokeFamily(DSLContext sql, String tokenHash, Instant now) {
    var given = SESSIONS.as("given");
    sql.update(SESSIONS)
        .set(SESSIONS.REVOKED_AT, now)
        .where(SESSIONS.REVOKED_AT.isNull())
        .and(
            SESSIONS.FAMILY_ID.in(
                sql.select(given.FAMILY_ID)
                    .from(given)
                    .where(given.REFRESH_TOKEN_HASH.eq(tokenHash))))
        .execute();
  }

  void revokeAll(DSLContext sql, UUID userId, Instant now) {
    sql.update(SESSIONS)
        .set(SESSIONS.REVOKED_AT, now)
        .where(SESSIONS.USER_ID.eq(userId))
        .and(SESSIONS.REVOKED_AT.isNull())
        .execute();
  }
}
