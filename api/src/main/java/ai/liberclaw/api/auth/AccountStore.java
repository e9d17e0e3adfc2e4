package ai.liberclaw.api.auth;

import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.select;

import ai.liberclaw.db.RenderedQuery;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Param;
import org.jooq.SQLDialect;

/** Finds and makes users for sign-in. Each method works in the transaction it is given. */
final class AccountStore {
  private static final Param<UUID> ID = param("id", UUID.class);

  private static final RenderedQuery STANDING =
      RenderedQuery.of(
          SQLDialect.POSTGRES,
          select(USERS.TIER, USERS.TOKENS_VALID_AFTER).from(USERS).where(USERS.ID.eq(ID)),
          ID);

  /** What the check of an access token needs to know of its user. */
  record Standing(String tier, Optional<Instant> tokensValidAfter) {}

  Optional<Standing> standing(DSLContext sql, UUID userId) {
    return STANDING.fetch(sql, userId).stream()
        .findFirst()
        .map(row ->
            new Standing(
                row.get(USERS.TIER), Optional.ofNullable(row.get(USERS.TOKENS_VALID_AFTER))));
  }

  /** As {@link #standing}, and notes that the user was there. */
  Optional<Standing> seen(DSLContext sql, UUID userId, Instant now) {
    return sql.update(USERS)
        .set(USERS.LAST_SEEN_AT, now)
        .where(USERS.ID.eq(userId))
        .returningResult(USERS.TIER, USERS.TOKENS_VALID_AFTER)
        .fetchOptional(row -> new Standing(row.value1(), Optional.ofNullable(row.value2())));
  }

  /** Keeps others who lock this user waiting until the transaction ends. */
  void lock(DSLContext tx, UUID userId) {
    tx.selectOne().from(USERS).where(USERS.ID.eq(userId)).forNoKeyUpdate().execute();
  }

  /** The guest of a device, locked, so that it is not deleted as idle while it signs in. */
  Optional<UUID> guestByDevice(DSLContext tx, String deviceId) {
    return tx.select(USERS.ID)
        .from(USERS)
        .where(USERS.DEVICE_ID.eq(deviceId))
        .and(USERS.TIER.eq(Tier.GUEST))
        .forNoKeyUpdate()
        .fetchOptional(USERS.ID);
  }

  /** Takes the device away from an account that is a guest's no more, as the original left it. */
  void releaseDevice(DSLContext sql, String deviceId) {
    sql.update(USERS)
        .setNull(USERS.DEVICE_ID)
        .where(USERS.DEVICE_ID.eq(deviceId))
        .and(USERS.TIER.ne(Tier.GUEST))
        .execute();
  }

  /** Empty when the device has a user already, also one that another transaction is making. */
  Optional<UUID> insertGuest(DSLContext sql, String deviceId, Instant now) {
    return sql.insertInto(USERS)
        .set(USERS.ID, UUID.randomUUID())
        .set(USERS.TIER, Tier.GUEST)
        .set(USERS.EMAIL_VERIFIED, false)
        .set(USERS.SHOW_TOOL_CALLS, true)
        .set(USERS.DEVICE_ID, deviceId)
        .set(USERS.CREATED_AT, now)
        .set(USERS.UPDATED_AT, now)
        .onConflict(USERS.DEVICE_ID)
        .doNothing()
        .returningResult(USERS.ID)
        .fetchOptional(USERS.ID);
  }

  Optional<UUID> byEmail(DSLContext sql, EmailAddress email) {
    return sql.select(USERS.ID)
        .from(USERS)
        .where(USERS.EMAIL_LOWER.eq(email.lower()))
        // Adopted accounts that differ in case alone are found as they were typed.
        .or(USERS.EMAIL.eq(email.text()))
        .orderBy(USERS.EMAIL.eq(email.text()).desc())
        .limit(1)
        .fetchOptional(USERS.ID);
  }

  /** The user of a proven address; empty when there is one already. */
  Optional<UUID> insertOwner(DSLContext sql, EmailAddress email, Instant now) {
    return sql.insertInto(USERS)
        .set(USERS.ID, UUID.randomUUID())
        .set(USERS.TIER, Tier.FREE)
        .set(USERS.EMAIL, email.text())
        .set(USERS.EMAIL_LOWER, email.lower())
        .set(USERS.EMAIL_VERIFIED, true)
        .set(USERS.SHOW_TOOL_CALLS, true)
        .set(USERS.CREATED_AT, now)
        .set(USERS.UPDATED_AT, now)
        // Of either unique index: the e-mail as typed, and its lower case.
        .onConflictDoNothing()
        .returningResult(USERS.ID)
        .fetchOptional(USERS.ID);
  }

  /** Notes that the account's address is its owner's; false when that was known. */
  boolean markProven(DSLContext sql, UUID userId, Instant now) {
    return sql.update(USERS)
            .set(USERS.EMAIL_VERIFIED, true)
            .set(USERS.UPDATED_AT, now)
            .where(USERS.ID.eq(userId))
            .and(USERS.EMAIL_VERIFIED.isFalse())
            .execute()
        == 1;
  }

  /** Makes a guest an account of its own with a proven address; false when it is no guest. */
  boolean upgradeGuest(DSLContext sql, UUID guest, EmailAddress email, Instant now) {
    return sql.update(USERS)
            .set(USERS.EMAIL, email.text())
            .set(USERS.EMAIL_LOWER, email.lower())
            .set(USERS.EMAIL_VERIFIED, true)
            .set(USERS.TIER, Tier.FREE)
            // The device must not stay a password of a real account.
            .setNull(USERS.DEVICE_ID)
            .set(USERS.UPDATED_AT, now)
            .where(USERS.ID.eq(guest))
            .and(USERS.TIER.eq(Tier.GUEST))
            .execute()
        == 1;
  }

  void refuseTokensBefore(DSLContext sql, UUID userId, Instant time) {
    sql.update(USERS).set(USERS.TOKENS_VALID_AFTER, time).where(USERS.ID.eq(userId)).execute();
  }
}
