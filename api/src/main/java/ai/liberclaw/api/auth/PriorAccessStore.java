package ai.liberclaw.api.auth;

import static ai.liberclaw.db.platform.Tables.OAUTH_CODES;
import static ai.liberclaw.db.platform.Tables.OAUTH_CONNECTIONS;
import static ai.liberclaw.db.platform.Tables.PERSONAL_ACCESS_TOKENS;
import static org.jooq.impl.DSL.lower;
import static org.jooq.impl.DSL.not;

import java.time.Instant;
import java.util.UUID;
import org.jooq.DSLContext;

/** Ways into an account that were made before its owner proved who they are. */
final class PriorAccessStore {
  private final SessionStore sessions = new SessionStore();
  private final AccountStore accounts = new AccountStore();

  /**
   * Closes all of them: whoever typed the address first may have been somebody else. A connection
   * whose provider vouched for this very address stays.
   *
   * @param tokensValidFrom access tokens issued earlier are refused
   */
  void close(
      DSLContext sql, UUID userId, EmailAddress proven, Instant tokensValidFrom, Instant now) {
    sql.deleteFrom(OAUTH_CONNECTIONS)
        .where(OAUTH_CONNECTIONS.USER_ID.eq(userId))
        .and(
            OAUTH_CONNECTIONS
                .PROVIDER_EMAIL
                .isNull()
                .or(
                    not(
                        OAUTH_CONNECTIONS
                            .EMAIL_VERIFIED
                            .isTrue()
                            .and(lower(OAUTH_CONNECTIONS.PROVIDER_EMAIL).eq(proven.lower())))))
        .execute();
    sql.deleteFrom(OAUTH_CODES).where(OAUTH_CODES.USER_ID.eq(userId)).execute();
    closeGuest(sql, userId, now);
    accounts.refuseTokensBefore(sql, userId, tokensValidFrom);
  }

  /**
   * Closes what a guest's device id led to: others may have known it. Access tokens live on for
   * their minutes, since the app may have requests under way.
   */
  void closeGuest(DSLContext sql, UUID userId, Instant now) {
    sql.update(PERSONAL_ACCESS_TOKENS)
        .set(PERSONAL_ACCESS_TOKENS.REVOKED_AT, now)
        .where(PERSONAL_ACCESS_TOKENS.USER_ID.eq(userId))
        .and(PERSONAL_ACCESS_TOKENS.REVOKED_AT.isNull())
        .execute();
    sessions.revokeAll(sql, userId, now);
  }
}
