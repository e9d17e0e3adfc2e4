package ai.liberclaw.api.oauth;

import static ai.liberclaw.db.platform.Tables.OAUTH_CODES;
import static ai.liberclaw.db.platform.Tables.OAUTH_STATES;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** Sign-ins on their way, and codes for those that are through. Each is given out once. */
final class OAuthStore {
  void insertState(
      DSLContext sql,
      String stateHash,
      String cookieHash,
      String provider,
      Attempt attempt,
      Instant now,
      Instant expiresAt) {
    sql.insertInto(OAUTH_STATES)
        .set(OAUTH_STATES.STATE_HASH, stateHash)
        .set(OAUTH_STATES.COOKIE_HASH, cookieHash)
        .set(OAUTH_STATES.PROVIDER, provider)
        .set(OAUTH_STATES.CODE_VERIFIER, attempt.codeVerifier())
        .set(OAUTH_STATES.NONCE, attempt.nonce())
        .set(OAUTH_STATES.FLOW, attempt.flow().wireName())
        .set(OAUTH_STATES.CREATED_AT, now)
        .set(OAUTH_STATES.EXPIRES_AT, expiresAt)
        .execute();
  }

  /** Of parallel callers one gets it; with a wrong cookie it stays for its own browser. */
  Optional<Attempt> claimState(
      DSLContext sql, String stateHash, String cookieHash, String provider, Instant now) {
    return sql.deleteFrom(OAUTH_STATES)
        .where(OAUTH_STATES.STATE_HASH.eq(stateHash))
        .and(OAUTH_STATES.COOKIE_HASH.eq(cookieHash))
        .and(OAUTH_STATES.PROVIDER.eq(provider))
        .and(OAUTH_STATES.EXPIRES_AT.gt(now))
        .returningResult(OAUTH_STATES.CODE_VERIFIER, OAUTH_STATES.NONCE, OAUTH_STATES.FLOW)
        .fetchOptional(
            row -> new Attempt(row.value1(), row.value2(), Flow.named(row.value3()).orElseThrow()));
  }

  void insertCode(DSLContext sql, String codeHash, UUID userId, Instant now, Instant expiresAt) {
    sql.insertInto(OAUTH_CODES)
        .set(OAUTH_CODES.CODE_HASH, codeHash)
        .set(OAUTH_CODES.USER_ID, userId)
        .set(OAUTH_CODES.CREATED_AT, now)
        .set(OAUTH_CODES.EXPIRES_AT, expiresAt)
        .execute();
  }

  /** Of parallel callers one gets the user. */
  Optional<UUID> claimCode(DSLContext sql, String codeHash, Instant now) {
    return sql.deleteFrom(OAUTH_CODES)
        .where(OAUTH_CODES.CODE_HASH.eq(codeHash))
        .and(OAUTH_CODES.EXPIRES_AT.gt(now))
        .returningResult(OAUTH_CODES.USER_ID)
        .fetchOptional(OAUTH_CODES.USER_ID);
  }
}
