package ai.liberclaw.api.auth;

import static ai.liberclaw.db.platform.Tables.PERSONAL_ACCESS_TOKENS;
import static ai.liberclaw.db.platform.Tables.USERS;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;

/** Personal access tokens as requests bring them. */
final class PersonalTokenStore {
  /** A live token and whose it is. */
  record Grant(UUID id, Caller owner, Set<String> scopes, Optional<Instant> lastUsed) {
    Grant {
      scopes = Set.copyOf(scopes);
    }
  }

  /** Empty for one that is unknown, revoked or expired. */
  Optional<Grant> find(DSLContext sql, String hash, Instant now) {
    return sql.select(
            PERSONAL_ACCESS_TOKENS.ID,
            USERS.ID,
            USERS.TIER,
            PERSONAL_ACCESS_TOKENS.SCOPES,
            PERSONAL_ACCESS_TOKENS.LAST_USED_AT)
        .from(PERSONAL_ACCESS_TOKENS)
        .join(USERS)
        .on(USERS.ID.eq(PERSONAL_ACCESS_TOKENS.USER_ID))
        .where(PERSONAL_ACCESS_TOKENS.TOKEN_HASH.eq(hash))
        .and(PERSONAL_ACCESS_TOKENS.REVOKED_AT.isNull())
        .and(
            PERSONAL_ACCESS_TOKENS
                .EXPIRES_AT
                .isNull()
                .or(PERSONAL_ACCESS_TOKENS.EXPIRES_AT.gt(now)))
        .fetchOptional(row ->
            new Grant(
                row.value1(),
                new Caller(row.value2(), row.value3()),
                Set.copyOf(List.of(row.value4())),
                Optional.ofNullable(row.value5())));
  }

  /** Notes a use; of many in one minute, on any server, the first writes. */
  void used(DSLContext sql, UUID id, Instant minute) {
    sql.update(PERSONAL_ACCESS_TOKENS)
        .set(PERSONAL_ACCESS_TOKENS.LAST_USED_AT, minute)
        .where(PERSONAL_ACCESS_TOKENS.ID.eq(id))
        .and(
            PERSONAL_ACCESS_TOKENS
                .LAST_USED_AT
                .isNull()
                .or(PERSONAL_ACCESS_TOKENS.LAST_USED_AT.lt(minute)))
        .execute();
  }
}
