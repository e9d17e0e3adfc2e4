package ai.liberclaw.api.auth;

import static ai.liberclaw.db.platform.Tables.OAUTH_CONNECTIONS;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.DSL.when;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Field;

/** Accounts and the identities of other providers that lead to them, all in one transaction. */
final class ExternalAccountStore {
  private final AccountStore accounts = new AccountStore();

  /**
   * Whose account an address is.
   *
   * @param verified whether its owner has proven it
   */
  record EmailOwner(UUID userId, boolean verified) {}

  /** The user this identity is connected with. Its row stays locked to the transaction's end. */
  Optional<UUID> ofIdentity(DSLContext sql, ExternalIdentity identity) {
    // Once more when the account is ours: its owner may just have cut the connection.
    return owner(sql, identity).filter(user -> lock(sql, user)).flatMap(_ -> owner(sql, identity));
  }

  private static Optional<UUID> owner(DSLContext sql, ExternalIdentity identity) {
    return sql.select(OAUTH_CONNECTIONS.USER_ID)
        .from(OAUTH_CONNECTIONS)
        .where(OAUTH_CONNECTIONS.PROVIDER.eq(identity.provider()))
        .and(OAUTH_CONNECTIONS.PROVIDER_ID.eq(identity.providerId()))
        .fetchOptional(OAUTH_CONNECTIONS.USER_ID);
  }

  private static boolean lock(DSLContext sql, UUID userId) {
    return sql.select(USERS.ID)
        .from(USERS)
        .where(USERS.ID.eq(userId))
        .forNoKeyUpdate()
        .fetchOptional()
        .isPresent();
  }

  Optional<EmailOwner> ofEmail(DSLContext sql, EmailAddress email) {
    return accounts
        .byEmail(sql, email)
        .flatMap(id ->
            sql.select(USERS.EMAIL_VERIFIED)
                .from(USERS)
                .where(USERS.ID.eq(id))
                .fetchOptional(row -> new EmailOwner(id, row.value1())));
  }

  /** Empty when the identity's proven address has an account already. */
  Optional<UUID> insert(DSLContext sql, ExternalIdentity identity, Instant now) {
    Optional<EmailAddress> email = identity.provenEmail();
    return sql.insertInto(USERS)
        .set(USERS.ID, UUID.randomUUID())
        .set(USERS.TIER, Tier.FREE)
        .set(USERS.EMAIL, email.map(EmailAddress::text).orElse(null))
        .set(USERS.EMAIL_LOWER, email.map(EmailAddress::lower).orElse(null))
        .set(USERS.EMAIL_VERIFIED, email.isPresent())
        .set(USERS.DISPLAY_NAME, identity.name().orElse(null))
        .set(USERS.AVATAR_URL, identity.avatarUrl().orElse(null))
        .set(USERS.SHOW_TOOL_CALLS, true)
        .set(USERS.CREATED_AT, now)
        .set(USERS.UPDATED_AT, now)
        // Of either unique index: the e-mail as typed, and its lower case.
        .onConflictDoNothing()
        .returningResult(USERS.ID)
        .fetchOptional(USERS.ID);
  }

  /** Takes back an account that {@link #insert} made in this transaction. */
  void delete(DSLContext sql, UUID userId) {
    sql.deleteFrom(USERS).where(USERS.ID.eq(userId)).execute();
  }

  /** False when somebody is connected with this identity already. */
  boolean connect(DSLContext sql, UUID userId, ExternalIdentity identity, Instant now) {
    return sql.insertInto(OAUTH_CONNECTIONS)
            .set(OAUTH_CONNECTIONS.ID, UUID.randomUUID())
            .set(OAUTH_CONNECTIONS.USER_ID, userId)
            .set(OAUTH_CONNECTIONS.PROVIDER, identity.provider())
            .set(OAUTH_CONNECTIONS.PROVIDER_ID, identity.providerId())
            .set(
                OAUTH_CONNECTIONS.PROVIDER_EMAIL,
                identity.email().map(EmailAddress::text).orElse(null))
            .set(OAUTH_CONNECTIONS.EMAIL_VERIFIED, identity.provenEmail().isPresent())
            .set(OAUTH_CONNECTIONS.CREATED_AT, now)
            .onConflict(OAUTH_CONNECTIONS.PROVIDER, OAUTH_CONNECTIONS.PROVIDER_ID)
            .doNothing()
            .execute()
        == 1;
  }

  /**
   * Makes a guest an account of its own, filling in what is empty of it; false when it is no guest.
   */
  boolean upgradeGuest(DSLContext sql, UUID guest, ExternalIdentity identity, Instant now) {
    Optional<EmailAddress> email = identity.provenEmail();
    Field<String> text = val(email.map(EmailAddress::text).orElse(null), USERS.EMAIL);
    Field<String> lower = val(email.map(EmailAddress::lower).orElse(null), USERS.EMAIL_LOWER);
    return sql.update(USERS)
            .set(USERS.EMAIL, coalesce(USERS.EMAIL, text))
            .set(USERS.EMAIL_LOWER, when(USERS.EMAIL.isNull(), lower).otherwise(USERS.EMAIL_LOWER))
            .set(
                USERS.EMAIL_VERIFIED,
                when(USERS.EMAIL.isNull(), val(email.isPresent())).otherwise(USERS.EMAIL_VERIFIED))
            .set(
                USERS.DISPLAY_NAME,
                coalesce(USERS.DISPLAY_NAME, val(identity.name().orElse(null), USERS.DISPLAY_NAME)))
            .set(
                USERS.AVATAR_URL,
                coalesce(
                    USERS.AVATAR_URL, val(identity.avatarUrl().orElse(null), USERS.AVATAR_URL)))
            .set(USERS.TIER, Tier.FREE)
            // The device must not stay a password of a real account.
            .setNull(USERS.DEVICE_ID)
            .set(USERS.UPDATED_AT, now)
            .where(USERS.ID.eq(guest))
            .and(USERS.TIER.eq(Tier.GUEST))
            .execute()
        == 1;
  }
}
