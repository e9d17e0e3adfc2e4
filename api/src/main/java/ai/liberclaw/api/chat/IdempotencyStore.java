package ai.liberclaw.api.chat;

import static ai.liberclaw.db.platform.Tables.IDEMPOTENCY_KEYS;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jooq.DSLContext;

/** Which messages were sent under a key of the client's, so that a repeat is not counted again. */
final class IdempotencyStore {
  private static final Duration KEPT = Duration.ofHours(24);

  enum Claim {
    FIRST,
    REPEAT,
    OTHER_REQUEST
  }

  Claim claim(DSLContext sql, UUID userId, String path, String key, String bodyHash, Instant now) {
    sql.deleteFrom(IDEMPOTENCY_KEYS)
        .where(IDEMPOTENCY_KEYS.USER_ID.eq(userId))
        .and(IDEMPOTENCY_KEYS.PATH.eq(path))
        .and(IDEMPOTENCY_KEYS.KEY.eq(key))
        .and(IDEMPOTENCY_KEYS.CREATED_AT.lt(now.minus(KEPT)))
        .execute();
    int inserted =
        sql.insertInto(IDEMPOTENCY_KEYS)
            .set(IDEMPOTENCY_KEYS.USER_ID, userId)
            .set(IDEMPOTENCY_KEYS.PATH, path)
            .set(IDEMPOTENCY_KEYS.KEY, key)
            .set(IDEMPOTENCY_KEYS.BODY_HASH, bodyHash)
            .set(IDEMPOTENCY_KEYS.CREATED_AT, now)
            .onConflictDoNothing()
            .execute();
    if (inserted == 1) {
      return Claim.FIRST;
    }
    boolean same =
        sql.fetchExists(
            IDEMPOTENCY_KEYS,
            IDEMPOTENCY_KEYS
                .USER_ID
                .eq(userId)
                .and(IDEMPOTENCY_KEYS.PATH.eq(path))
                .and(IDEMPOTENCY_KEYS.KEY.eq(key))
                .and(IDEMPOTENCY_KEYS.BODY_HASH.eq(bodyHash)));
    return same ? Claim.REPEAT : Claim.OTHER_REQUEST;
  }

  /** Forgets a key whose message reached nobody. */
  void forget(DSLContext sql, UUID userId, String path, String key) {
    sql.deleteFrom(IDEMPOTENCY_KEYS)
        .where(IDEMPOTENCY_KEYS.USER_ID.eq(userId))
        .and(IDEMPOTENCY_KEYS.PATH.eq(path))
        .and(IDEMPOTENCY_KEYS.KEY.eq(key))
        .execute();
  }
}
