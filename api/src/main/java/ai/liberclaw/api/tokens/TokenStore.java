package ai.liberclaw.api.tokens;

import static ai.liberclaw.db.platform.Tables.PERSONAL_ACCESS_TOKENS;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** The tokens of users. Whose they are is part of every query. */
final class TokenStore {
  void insert(DSLContext sql, UUID userId, PersonalToken token, String hash) {
    sql.insertInto(PERSONAL_ACCESS_TOKENS)
        .set(PERSONAL_ACCESS_TOKENS.ID, token.id())
        .set(PERSONAL_ACCESS_TOKENS.USER_ID, userId)
        .set(PERSONAL_ACCESS_TOKENS.NAME, token.name())
        .set(PERSONAL_ACCESS_TOKENS.SCOPES, token.scopes().toArray(String[]::new))
        .set(PERSONAL_ACCESS_TOKENS.PREFIX, token.prefix())
        .set(PERSONAL_ACCESS_TOKENS.TOKEN_HASH, hash)
        .set(PERSONAL_ACCESS_TOKENS.CREATED_AT, token.createdAt())
        .set(PERSONAL_ACCESS_TOKENS.EXPIRES_AT, token.expiresAt().orElse(null))
        .execute();
  }

  /** Those that can be used. */
  int countLive(DSLContext sql, UUID userId, Instant now) {
    return sql.fetchCount(
        PERSONAL_ACCESS_TOKENS,
        PERSONAL_ACCESS_TOKENS
            .USER_ID
            .eq(userId)
            .and(PERSONAL_ACCESS_TOKENS.REVOKED_AT.isNull())
            .and(
                PERSONAL_ACCESS_TOKENS
                    .EXPIRES_AT
                    .isNull()
                    .or(PERSONAL_ACCESS_TOKENS.EXPIRES_AT.gt(now))));
  }

  /** All that were not revoked, newest first; an expired one is shown until it is purged. */
  List<PersonalToken> list(DSLContext sql, UUID userId) {
    return sql.selectFrom(PERSONAL_ACCESS_TOKENS)
        .where(PERSONAL_ACCESS_TOKENS.USER_ID.eq(userId))
        .and(PERSONAL_ACCESS_TOKENS.REVOKED_AT.isNull())
        .orderBy(PERSONAL_ACCESS_TOKENS.CREATED_AT.desc(), PERSONAL_ACCESS_TOKENS.ID.desc())
        .fetch(row ->
            new PersonalToken(
                row.getId(),
                row.getName(),
                List.of(row.getScopes()),
                row.getPrefix(),
                row.getCreatedAt(),
                Optional.ofNullable(row.getExpiresAt()),
                Optional.ofNullable(row.getLastUsedAt())));
  }

  /** False when the user has no such token. */
  boolean revoke(DSLContext sql, UUID userId, UUID id, Instant now) {
    return sql.update(PERSONAL_ACCESS_TOKENS)
            .set(PERSONAL_ACCESS_TOKENS.REVOKED_AT, now)
            .where(PERSONAL_ACCESS_TOKENS.ID.eq(id))
            .and(PERSONAL_ACCESS_TOKENS.USER_ID.eq(userId))
            .and(PERSONAL_ACCESS_TOKENS.REVOKED_AT.isNull())
            .execute()
        == 1;
  }
}
